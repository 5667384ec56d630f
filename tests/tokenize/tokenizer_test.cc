#include "libradie/tokenize/tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "radie/error.h"
#include "tests/tokenize/pieces.h"

namespace radie {
namespace {

std::shared_ptr<const Vocab> MakeVocab(std::vector<std::string> tokens) {
  std::vector<std::string> all = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  all.insert(all.end(), tokens.begin(), tokens.end());
  return std::make_shared<const Vocab>(std::move(all));
}

TokenizerConfig BertBasic() {
  TokenizerConfig config;
  config.profile = "bert-basic";
  return config;
}

TEST(VocabTest, TheLastOfTwoWins) {
  Vocab vocab({"a", "b", "a"});
  EXPECT_EQ(vocab.Find("a"), 2);
  EXPECT_EQ(vocab.Find("b"), 1);
  EXPECT_EQ(vocab.Find("c"), std::nullopt);
  EXPECT_EQ(vocab.size(), 3U);
  const Vocab moved = std::move(vocab);
  EXPECT_EQ(moved.Find("a"), 2);
  EXPECT_EQ(moved.longest(), 1U);
}

TEST(MakeTokenizerTest, ChecksProfileAndSpecialTokens) {
  TokenizerConfig config;
  config.profile = "mecab";
  try {
    MakeTokenizer(config, MakeVocab({}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupportedModel);
    EXPECT_NE(std::string(error.what()).find("mecab"), std::string::npos);
  }
  for (std::string TokenizerConfig::*name :
       {&TokenizerConfig::unk_token, &TokenizerConfig::cls_token, &TokenizerConfig::sep_token}) {
    config = {};
    config.*name = "[X]";
    try {
      MakeTokenizer(config, MakeVocab({}));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
      EXPECT_NE(std::string(error.what()).find("[X]"), std::string::npos);
    }
  }
  const auto tokenizer = MakeTokenizer({}, MakeVocab({}));
  EXPECT_EQ(tokenizer->unk(), 1);
  EXPECT_EQ(tokenizer->cls(), 2);
  EXPECT_EQ(tokenizer->sep(), 3);
}

TEST(CharTokenizerTest, OneTokenACodePointInsideTheSentence) {
  const auto tokenizer = MakeTokenizer({}, MakeVocab({"肺", "\n", "ab", "a"}));
  const std::string text = "。肺a\n𠮷肺";
  EXPECT_EQ(tokenizer->Tokenize(text, {3, 12}),
            (std::vector<Token>{{4, {3, 6}}, {7, {6, 7}}, {5, {7, 8}}, {1, {8, 12}}}));
  EXPECT_TRUE(tokenizer->Tokenize(text, {3, 3}).empty());
}

TEST(BertBasicTest, GreedyLongestMatch) {
  const auto tokenizer = MakeTokenizer(
      BertBasic(), MakeVocab({"un", "unaff", "##aff", "##able", "##ab", "able", "!", "肺"}));
  EXPECT_EQ(Pieces(*tokenizer, "unaffable able!unab"),
            (Strings{"unaff=unaff", "##able=able", "able=able", "!=!", "un=un", "##ab=ab"}));
  EXPECT_EQ(Pieces(*tokenizer, "unx 肺un肺"), (Strings{"[UNK]=unx", "肺=肺", "un=un", "肺=肺"}));
}

TEST(BertBasicTest, RangesOfFoldedCharacters) {
  const auto tokenizer =
      MakeTokenizer(BertBasic(), MakeVocab({"cafe", "##s", "x", "i", "##y", "a", "か"}));
  EXPECT_EQ(Pieces(*tokenizer, "CAFÉs"), (Strings{"cafe=CAFÉ", "##s=s"}));
  EXPECT_EQ(Pieces(*tokenizer, "cafe\u0301s"), (Strings{"cafe=cafe\u0301", "##s=s"}));
  EXPECT_EQ(Pieces(*tokenizer, "x\u0301\u0323y"), (Strings{"x=x\u0301\u0323", "##y=y"}));
  EXPECT_EQ(Pieces(*tokenizer, "İy"), (Strings{"i=İ", "##y=y"}));
  EXPECT_EQ(Pieces(*tokenizer, "か\u3099"), (Strings{"か=か\u3099"}));
  EXPECT_EQ(Pieces(*tokenizer, "x\u200by"), (Strings{"x=x", "##y=y"}));
  EXPECT_EQ(Pieces(*tokenizer, " \u0301 a"), (Strings{"a=a"}));  // a word of marks alone
}

TEST(BertBasicTest, OneCharacterMayBecomeSeveralTokens) {
  const auto tokenizer = MakeTokenizer(BertBasic(), MakeVocab({"\u1112", "##\u1161", "##\u11ab"}));
  EXPECT_EQ(Pieces(*tokenizer, "한"), (Strings{"\u1112=한", "##\u1161=한", "##\u11ab=한"}));
}

TEST(BertBasicTest, LongWordsAreUnknown) {
  TokenizerConfig config = BertBasic();
  config.max_input_chars_per_word = 3;
  const auto tokenizer = MakeTokenizer(config, MakeVocab({"a", "##a"}));
  EXPECT_EQ(Pieces(*tokenizer, "aaa aaaa"), (Strings{"a=a", "##a=a", "##a=a", "[UNK]=aaaa"}));
}

TEST(BertBasicTest, CasedKeepsCaseAndAccents) {
  TokenizerConfig config = BertBasic();
  config.do_lower_case = config.strip_accents = false;
  const auto tokenizer = MakeTokenizer(config, MakeVocab({"CT", "ct", "é"}));
  EXPECT_EQ(Pieces(*tokenizer, "CT ct e\u0301"), (Strings{"CT=CT", "ct=ct", "é=e\u0301"}));
}

TEST(BertBasicTest, LongRunsTakeLinearTime) {
  TokenizerConfig config = BertBasic();
  config.max_input_chars_per_word = 1'000'000;
  const auto tokenizer = MakeTokenizer(config, MakeVocab({"a", "##a", "##aaaaaaaab"}));
  std::string marks = "a";
  for (int i = 0; i < 50'000; ++i) marks += "\u0301\u0323";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(tokenizer->Tokenize(marks, {0, marks.size()}),
            (std::vector<Token>{{4, {0, marks.size()}}}));
  const std::string word(200'000, 'a');
  EXPECT_EQ(tokenizer->Tokenize(word, {0, word.size()}).size(), word.size());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace radie
