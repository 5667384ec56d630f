// SentencePiece models: against the library itself, and what a stranger's model can do.
#include "libradie/tokenize/sentencepiece_tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "libradie/tokenize/sentencepiece_check.h"
#include "tests/tokenize/golden_lines.h"

namespace radie {
namespace {

using testing::ExpectGolden;
using testing::ReadGoldenBytes;

TokenizerConfig Small() {
  TokenizerConfig config = TokenizerConfig::Of("sentencepiece");
  config.unk_token = "<unk>";
  config.sentencepiece_model = ReadGoldenBytes("sentencepiece_small.model");
  return config;
}

std::unique_ptr<const Tokenizer> MakeSmall(const TokenizerConfig& config = Small()) {
  return MakeTokenizer(config,
                       std::make_shared<const Vocab>(SentencePieces(config.sentencepiece_model)));
}

class SentencePieceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasSentencePiece()) GTEST_SKIP() << "built without SentencePiece";
  }
};

TEST_F(SentencePieceTest, Golden) {
  ExpectGolden("tokenizer_sentencepiece.jsonl", *MakeSmall(), NormalizationProfile::kNone);
}

TEST_F(SentencePieceTest, IdsAreThoseOfTheVocabulary) {
  std::vector<std::string> pieces = SentencePieces(Small().sentencepiece_model);
  const std::string text = "右肺上葉に結節を認めます。";
  const std::vector<Token> before = MakeSmall()->Tokenize(text, {0, text.size()});
  pieces.insert(pieces.begin(), "<first>");
  const auto shifted = MakeTokenizer(Small(), std::make_shared<const Vocab>(pieces));
  const std::vector<Token> after = shifted->Tokenize(text, {0, text.size()});
  ASSERT_EQ(before.size(), after.size());
  ASSERT_GT(before.size(), 3U);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].id + 1, after[i].id);
    EXPECT_EQ(before[i].range, after[i].range);
  }
}

TEST_F(SentencePieceTest, RangesTouchWhatTheyStandFor) {
  const auto tokenizer = MakeSmall();
  const std::string text = "肺  ㎜";
  const std::vector<Token> tokens = tokenizer->Tokenize(text, {0, text.size()});
  ASSERT_GE(tokens.size(), 2U);
  EXPECT_EQ(tokens.front().range.begin, 0U);
  EXPECT_EQ(tokens.front().range.end, 3U);
  EXPECT_EQ(tokens.back().range, (TextRange{5, 8}));  // without the spaces before it
  EXPECT_TRUE(tokenizer->Tokenize(text, {3, 3}).empty());
  EXPECT_EQ(tokenizer->Tokenize(text, {0, 3}).front().range, (TextRange{0, 3}));
}

TEST_F(SentencePieceTest, LowerCaseKeepsOffsets) {
  TokenizerConfig config = Small();
  config.do_lower_case = true;
  const std::string text = "ＣＴ MASS İ肺";
  const auto lower = MakeSmall(config)->Tokenize(text, {0, text.size()});
  ASSERT_FALSE(lower.empty());
  EXPECT_EQ(lower.back().range.end, text.size());
  for (const Token& token : lower) {
    EXPECT_TRUE(IsUtf8Boundary(text, token.range.begin) && IsUtf8Boundary(text, token.range.end));
  }
}

TEST_F(SentencePieceTest, LongTextTakesLinearTime) {
  const auto tokenizer = MakeSmall();
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "結節を認め";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_GT(tokenizer->Tokenize(text, {0, text.size()}).size(), 30'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// The library joins what the vocabulary lacks piece by piece, and copies what it has each time.
TEST_F(SentencePieceTest, RunsWithoutEndOfWhatTheVocabularyLacksAreRefused) {
  const auto tokenizer = MakeSmall();
  const auto tokenize = [&](const std::string& text) {
    return tokenizer->Tokenize(text, {0, text.size()});
  };
  std::string text = "結節";
  while (text.size() < 18'000) text += "ж";
  const std::vector<Token> tokens = tokenize(text);
  ASSERT_LT(tokens.size(), 10U);
  EXPECT_EQ(tokens.back().range, (TextRange{6, text.size()}));
  while (text.size() < 400'000) text += "ж";
  const auto begin = std::chrono::steady_clock::now();
  const auto [code, message, offset] = RefusalOf([&] { tokenize(text); });
  EXPECT_EQ(code, ErrorCode::kLimitExceeded) << message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  std::string many;
  for (int i = 0; i < 30'000; ++i) many += "жжж結節";
  EXPECT_GT(tokenize(many).size(), 30'000U);
}

// ---- a model that somebody made up ----

std::string Varint(std::size_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string Bytes(int field, const std::string& value) {
  return Varint(static_cast<std::size_t>(field) << 3 | 2) + Varint(value.size()) + value;
}

std::string Piece(const std::string& text, float score = -1, std::size_t type = 1) {
  std::string bits(sizeof score, '\0');
  std::memcpy(bits.data(), &score, sizeof score);
  return Bytes(1, Bytes(1, text) + Varint(2 << 3 | 5) + bits + Varint(3 << 3) + Varint(type));
}

std::string Unit(std::uint32_t value) {
  std::string bits(sizeof value, '\0');
  std::memcpy(bits.data(), &value, sizeof value);
  return bits;
}

const std::string kUnknown = Piece("<unk>", 0, 2);

void ExpectRefused(const std::string& model, const std::string& part,
                   ErrorCode code = ErrorCode::kInvalidModel) {
  const auto refusal = RefusalOf([&] { CheckSentencePieceModel(model); });
  EXPECT_EQ(refusal.code, code) << part;
  EXPECT_NE(refusal.message.find(part), std::string::npos) << refusal.message << " | " << part;
}

TEST(SentencePieceCheckTest, TakesWhatTheTrainerWrites) {
  EXPECT_NO_THROW(CheckSentencePieceModel(ReadGoldenBytes("sentencepiece_small.model")));
  EXPECT_NO_THROW(CheckSentencePieceModel(kUnknown + Piece("a")));
}

TEST(SentencePieceCheckTest, RefusesWhatItDoesNot) {
  ExpectRefused("", "no piece");
  ExpectRefused("this is no model", "sentencepiece model");
  ExpectRefused(kUnknown + Piece(""), "piece 1: it is empty");
  ExpectRefused(kUnknown + Piece("\xff"), "not UTF-8");
  ExpectRefused(kUnknown + Piece(std::string("a\0b", 3)), "NUL");
  ExpectRefused(kUnknown + Piece("a") + Piece("a"), "piece 2: there already");
  ExpectRefused(kUnknown + Piece("a", INFINITY), "not finite");
  ExpectRefused(kUnknown + Piece("a", -1, 7), "type");
  ExpectRefused(Piece("a"), "0 unknown pieces");
  ExpectRefused(kUnknown + Piece("<unk2>", 0, 2), "2 unknown pieces");
  ExpectRefused(kUnknown + std::string("\x0a\x7f", 2), "cut off");
  ExpectRefused(kUnknown + std::string(12, '\xff'), "more than 64 bits");
  ExpectRefused(kUnknown + Bytes(2, std::string("\x18\x02", 2)), "only Unigram",
                ErrorCode::kUnsupportedModel);
  ExpectRefused(kUnknown + Piece(std::string(2'000, 'a')), "at most 1024",
                ErrorCode::kUnsupportedModel);
}

TEST(SentencePieceCheckTest, RefusesTablesThatLeadOut) {
  const auto model = [](const std::string& table) {
    return kUnknown + Piece("a") + Bytes(3, Bytes(2, table));
  };
  const auto with_root = [](std::uint32_t root, const std::string& strings) {
    std::string trie = Unit(root);
    for (int i = 1; i < 256; ++i) trie += Unit(1u << 31);
    return Unit(1024) + trie + strings;
  };
  EXPECT_NO_THROW(CheckSentencePieceModel(model(with_root(0, std::string("a\0", 2)))));
  ExpectRefused(model("abc"), "cut off");
  ExpectRefused(model(Unit(1024) + "abc"), "1024 bytes of 3");
  ExpectRefused(model(Unit(2) + "abcdef"), "2 bytes of 6");
  ExpectRefused(model(Unit(4) + Unit(0) + std::string("a\0", 2)), "leads out of itself");
  ExpectRefused(model(with_root(0x100u << 10, std::string("a\0", 2))), "leads out of itself");
  ExpectRefused(model(with_root(0, "abc")), "has no end");
  // The root's value would stand at its own place ^ 1: unit 1, whose value lies outside.
  std::string outside = with_root(1u << 10 | 0x100, std::string("a\0", 2));
  outside.replace(8, 4, Unit(1u << 31 | 77));
  ExpectRefused(model(outside), "out of its strings");
}

// Damage anywhere is refused or harmless: with a sanitizer, neither reads what is not there.
TEST_F(SentencePieceTest, DamagedModelsAreRefusedOrHarmless) {
  const TokenizerConfig whole = Small();
  std::mt19937 random(5);
  const std::string text = "右肺上葉に１２㎜の…結節をﾊﾞ認めます。ＡＢ か\u3099";
  int refused = 0, read = 0;
  for (int i = 0; i < 300; ++i) {
    TokenizerConfig config = whole;
    std::string& model = config.sentencepiece_model;
    if (i % 3 == 0) {
      model.resize(random() % model.size());
    } else {
      for (int n = 0; n < 3; ++n) model[random() % model.size()] = static_cast<char>(random());
    }
    try {
      MakeTokenizer(config, std::make_shared<const Vocab>(
                                std::vector<std::string>{"<unk>", "[CLS]", "[SEP]"}))
          ->Tokenize(text, {0, text.size()});
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
  EXPECT_GT(read, 0);
}

#if !defined(RADIE_WITH_SENTENCEPIECE)
TEST(SentencePieceBuildTest, ABuildWithoutItSaysSo) {
  const auto [code, message, offset] = RefusalOf([] {
    MakeTokenizer(Small(), std::make_shared<const Vocab>(
                               std::vector<std::string>{"<unk>", "[CLS]", "[SEP]"}));
  });
  EXPECT_EQ(code, ErrorCode::kUnsupportedModel);
  EXPECT_NE(message.find("RADIE_WITH_SENTENCEPIECE"), std::string::npos) << message;
}
#endif

}  // namespace
}  // namespace radie
