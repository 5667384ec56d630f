// The tokenizers that split words with MeCab, against transformers; and what they say when they
// cannot. Debian's ipadic stands for PyPI's: the golden files hold no word in which they differ.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libradie/text/neologdn.h"
#include "libradie/tokenize/characters.h"
#include "libradie/tokenize/dictionary_places.h"
#include "libradie/tokenize/mecab_dictionary.h"
#include "tests/tokenize/golden_lines.h"
#include "tests/tokenize/pieces.h"

namespace radie {
namespace {

namespace fs = std::filesystem;
using testing::ExpectGolden;
using testing::LoadVocab;

TokenizerConfig Ipadic(const std::string& profile) {
  TokenizerConfig config = TokenizerConfig::Of(profile);
  config.dictionary = "ipadic";
  return config;
}

// Skipped where there is nothing to split words with.
class MecabTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasMecab()) GTEST_SKIP() << "built without MeCab";
    const auto [code, message, offset] = RefusalOf([] { FindDictionary("ipadic"); });
    if (code == ErrorCode::kIo) GTEST_SKIP() << message;
  }
};

std::shared_ptr<const Vocab> VocabOf(Strings tokens) {
  tokens.insert(tokens.begin(), {"[UNK]", "[CLS]", "[SEP]"});
  return std::make_shared<const Vocab>(std::move(tokens));
}

TEST_F(MecabTest, WordPieceGolden) {
  ExpectGolden("tokenizer_mecab_ipadic.jsonl", "vocab_cased.txt", Ipadic("bert-ja-mecab-ipadic"),
               NormalizationProfile::kNone);
}

TEST_F(MecabTest, WordPieceLowerCaseGolden) {
  TokenizerConfig config = Ipadic("bert-ja-mecab-ipadic");
  config.do_lower_case = true;
  ExpectGolden("tokenizer_mecab_ipadic_lower.jsonl", "vocab_uncased.txt", config,
               NormalizationProfile::kNone);
}

TEST_F(MecabTest, CharGolden) {
  TokenizerConfig config = Ipadic("bert-ja-char");
  config.words = WordSplitter::kMecab;
  ExpectGolden("tokenizer_ja_char_mecab.jsonl", "vocab_char.txt", config,
               NormalizationProfile::kNone);
}

TEST(JapaneseCharTest, Golden) {
  TokenizerConfig config = TokenizerConfig::Of("bert-ja-char");
  ExpectGolden("tokenizer_ja_char.jsonl", "vocab_char.txt", config, NormalizationProfile::kNone);
  config.words = WordSplitter::kBasic;
  ExpectGolden("tokenizer_ja_char_basic.jsonl", "vocab_char.txt", config,
               NormalizationProfile::kNone);
}

TEST_F(MecabTest, UthGolden) {
  ExpectGolden("tokenizer_uth.jsonl", "vocab_uth.txt", Ipadic("uth-bert"),
               NormalizationProfile::kNone);
}

TEST_F(MecabTest, RangesOfWhatWasFolded) {
  const auto tokenizer = MakeTokenizer(Ipadic("bert-ja-mecab-ipadic"),
                                       VocabOf({"12", "mm", "ポリープ", "が", "株式会社", "CT"}));
  EXPECT_EQ(Pieces(*tokenizer, "１２㎜ ﾎﾟﾘｰﾌﾟか\u3099 ＣＴ"),
            (Strings{"12=１２", "mm=㎜", "ポリープ=ﾎﾟﾘｰﾌﾟ", "が=か\u3099", "CT=ＣＴ"}));
  EXPECT_EQ(Pieces(*tokenizer, "㍿"), (Strings{"株式会社=㍿"}));
}

TEST_F(MecabTest, ReadsOnBehindANul) {
  const auto tokenizer = MakeTokenizer(Ipadic("bert-ja-mecab-ipadic"), VocabOf({"肺", "肝"}));
  const std::string text("肺\0肝\0", 8);
  EXPECT_EQ(tokenizer->Tokenize(text, {0, text.size()}),
            (std::vector<Token>{{3, {0, 3}}, {4, {4, 7}}}));
}

TEST_F(MecabTest, LongTextAndLongRuns) {
  const auto tokenizer =
      MakeTokenizer(Ipadic("bert-ja-mecab-ipadic"), VocabOf({"肺", "結節", "a", "##a"}));
  std::string text = "肺" + std::string(200'000, ' ') + "結節" + std::string(3'000, 'a');
  for (int i = 0; i < 20'000; ++i) text += "肺";
  const std::vector<Token> tokens = tokenizer->Tokenize(text, {0, text.size()});
  ASSERT_GT(tokens.size(), 10'000U);
  EXPECT_EQ(tokens[0], (Token{3, {0, 3}}));
  EXPECT_EQ(tokens.back().range.end, text.size());
}

// MeCab looks at the rest of a run of one class from each of its characters.
TEST_F(MecabTest, RunsWithoutEndAreRefused) {
  const auto tokenizer =
      MakeTokenizer(Ipadic("bert-ja-mecab-ipadic"), VocabOf({"肺", "結節", "1"}));
  const auto tokenize = [&](const std::string& text) {
    return tokenizer->Tokenize(text, {0, text.size()});
  };
  for (const std::string run : {"1", "a", "ア", "!", "一"}) {
    std::string text = "肺";
    while (text.size() < 9'000 * run.size()) text += run;
    EXPECT_EQ(tokenize(text).back().range.end, text.size()) << run;
    while (text.size() < 200'000 * run.size()) text += run;
    const auto begin = std::chrono::steady_clock::now();
    const auto [code, message, offset] = RefusalOf([&] { tokenize(text); });
    EXPECT_EQ(code, ErrorCode::kLimitExceeded) << run << message;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }
  std::string many;
  for (int i = 0; i < 20; ++i) many += "肺" + std::string(900, '1');
  EXPECT_GT(tokenize(many).size(), 20U);
}

TEST_F(MecabTest, ThreadsShareOneDictionary) {
  const auto tokenizer =
      MakeTokenizer(Ipadic("bert-ja-mecab-ipadic"), LoadVocab("vocab_cased.txt"));
  EXPECT_EQ(MecabDictionary::Open({FindDictionary("ipadic"), ""}),
            MecabDictionary::Open({FindDictionary("ipadic"), ""}));
  const std::string text = "右肺上葉に１２㎜大の結節を認めます。前回より増大しています。";
  const std::vector<Token> expected = tokenizer->Tokenize(text, {0, text.size()});
  ASSERT_GT(expected.size(), 10U);
  std::vector<std::vector<Token>> last(4);
  std::vector<std::thread> threads;
  for (std::vector<Token>& tokens : last) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) tokens = tokenizer->Tokenize(text, {0, text.size()});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<Token>& tokens : last) EXPECT_EQ(tokens, expected);
}

TEST_F(MecabTest, SaysWhatIsMissing) {
  TokenizerConfig config = TokenizerConfig::Of("bert-ja-mecab-ipadic");
  const auto refusal = [&] { return RefusalOf([&] { MakeTokenizer(config, VocabOf({})); }); };
  config.dictionary = "no-such-dictionary";
  EXPECT_EQ(refusal().code, ErrorCode::kIo);
  EXPECT_NE(refusal().message.find("no-such-dictionary"), std::string::npos) << refusal().message;
  EXPECT_NE(refusal().message.find("--dictionary"), std::string::npos) << refusal().message;

  config.dictionary = "../../etc";
  EXPECT_EQ(refusal().code, ErrorCode::kInvalidArgument);

  config.dictionary_path = std::string(RADIE_SOURCE_DIR) + "/tests/golden";
  EXPECT_EQ(refusal().code, ErrorCode::kIo);
  EXPECT_NE(refusal().message.find("it has no dicrc"), std::string::npos) << refusal().message;

  config.dictionary_path = FindDictionary("ipadic");
  config.user_dictionary = "/no/such/user.dic";
  EXPECT_EQ(refusal().code, ErrorCode::kIo);
  config.user_dictionary = "a,b";
  EXPECT_EQ(refusal().code, ErrorCode::kInvalidArgument);
}

TEST_F(MecabTest, RefusesADamagedDictionary) {
  const fs::path folder = fs::path(::testing::TempDir()) / "radie_damaged_dictionary";
  fs::remove_all(folder);
  fs::create_directory(folder);
  for (const char* name : {"dicrc", "unk.dic", "char.bin", "matrix.bin"}) {
    fs::create_symlink(fs::path(FindDictionary("ipadic")) / name, folder / name);
  }
  TokenizerConfig config = TokenizerConfig::Of("bert-ja-mecab-ipadic");
  config.dictionary_path = folder.string();
  const auto expect_refused = [&](const char* what) {
    const auto [code, message, offset] = RefusalOf([&] { MakeTokenizer(config, VocabOf({})); });
    EXPECT_EQ(code, ErrorCode::kIo) << what;
    EXPECT_NE(message.find("sys.dic is no compiled dictionary"), std::string::npos)
        << what << ": " << message;
  };
  const fs::path dictionary = folder / "sys.dic";
  std::ofstream(dictionary).close();
  expect_refused("empty");
  std::ofstream(dictionary) << "this is no dictionary";
  expect_refused("another file");
  fs::remove(dictionary);
  fs::copy_file(fs::path(FindDictionary("ipadic")) / "sys.dic", dictionary);
  fs::permissions(dictionary, fs::perms::owner_write, fs::perm_options::add);
  fs::resize_file(dictionary, fs::file_size(dictionary) - 1);
  expect_refused("cut off");
  fs::remove_all(folder);
}

#if !defined(RADIE_WITH_MECAB)
TEST(MecabBuildTest, ABuildWithoutItSaysSo) {
  for (const char* profile : {"bert-ja-mecab-ipadic", "bert-ja-mecab-unidic", "uth-bert"}) {
    const auto [code, message, offset] =
        RefusalOf([&] { MakeTokenizer(TokenizerConfig::Of(profile), VocabOf({})); });
    EXPECT_EQ(code, ErrorCode::kUnsupportedModel);
    EXPECT_NE(message.find("RADIE_WITH_MECAB"), std::string::npos) << message;
  }
}
#endif

TEST(JapaneseProfilesTest, NeedTheSpecialTokens) {
  const auto vocab = std::make_shared<const Vocab>(Strings{"[CLS]", "[SEP]", "肺"});
  const auto [code, message, offset] =
      RefusalOf([&] { MakeTokenizer(TokenizerConfig::Of("bert-ja-char"), vocab); });
  EXPECT_EQ(code, ErrorCode::kInvalidModel);
  EXPECT_NE(message.find("unk_token \"[UNK]\""), std::string::npos) << message;
}

std::string Folded(const std::string& text) {
  std::string out;
  for (const Character& c : NeologdnCharacters(ReadCharacters(text, {0, text.size()}))) {
    AppendUtf8(c.code_point, &out);
  }
  return out;
}

TEST(NeologdnTest, AsThePackageDoes) {
  EXPECT_EQ(Folded("０Ａ！”ｱ"), "0A!\"ア");
  EXPECT_EQ(Folded("o₋-−o"), "o--o");  // '-' itself is no hyphen to fold
  EXPECT_EQ(Folded("スーパーーーー━"), "スーパー");
  EXPECT_EQ(Folded("わ〰い 〜"), "わい");
  EXPECT_EQ(Folded("　検索 エンジン C D　"), "検索エンジンC D");
  EXPECT_EQ(Folded("A あ B"), "AあB");
  EXPECT_EQ(Folded("カ゛ﾊﾟう゛"), "ガパゔ");
  EXPECT_EQ(Folded("* L"), "*L");
  EXPECT_EQ(Folded(" "), "");
}

TEST(NeologdnTest, ARepetitionKeepsItsText) {
  const std::string text = "スーーパ";
  const Characters characters = NeologdnCharacters(ReadCharacters(text, {0, text.size()}));
  ASSERT_EQ(characters.size(), 3U);
  EXPECT_EQ(characters[1].range, (TextRange{3, 9}));
}

}  // namespace
}  // namespace radie
