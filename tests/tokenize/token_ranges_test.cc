// Whatever the text: ranges are inside the sentence, on code points, not empty and in order.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "libradie/tokenize/basic_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"
#include "tests/text/utf8_samples.h"
#include "token_order.h"

namespace radie {
namespace {

// Single characters of the samples, bare and continued, so that words divide down to the character.
std::shared_ptr<const Vocab> SampleVocab(const std::vector<std::string>& texts) {
  std::vector<std::string> tokens = {"[UNK]", "[CLS]", "[SEP]"};
  for (const std::string& text : texts) {
    for (const bool lower : {false, true}) {
      for (const Word& word : BasicTokenize(text, {0, text.size()}, {lower, lower, true})) {
        for (const Character& c : word) {
          std::string token;
          AppendUtf8(c.code_point, &token);
          if (tokens.size() % 37 != 0) tokens.push_back(token);
          tokens.push_back("##" + token);
        }
      }
    }
  }
  return std::make_shared<const Vocab>(std::move(tokens));
}

TEST(TokenRangesTest, HoldForRandomUnicode) {
  const std::vector<std::string> texts = SampleTexts(1500);
  const std::shared_ptr<const Vocab> vocab = SampleVocab(texts);
  std::vector<std::unique_ptr<const Tokenizer>> tokenizers;
  for (const bool lower : {false, true}) {
    for (const bool strip : {false, true}) {
      for (const bool chinese : {false, true}) {
        TokenizerConfig config;
        config.profile = "bert-basic";
        config.do_lower_case = lower;
        config.strip_accents = strip;
        config.tokenize_chinese_chars = chinese;
        tokenizers.push_back(MakeTokenizer(config, vocab));
      }
    }
  }
  tokenizers.push_back(MakeTokenizer({}, vocab));
  std::size_t count = 0;
  for (const std::string& text : texts) {
    const std::vector<std::size_t> ends = Boundaries(text);
    const TextRange part{ends[ends.size() / 4], ends[ends.size() * 3 / 4]};
    for (const auto& tokenizer : tokenizers) {
      for (const TextRange sentence : {TextRange{0, text.size()}, part}) {
        const std::vector<Token> tokens = tokenizer->Tokenize(text, sentence);
        ExpectInOrder(tokens, text, sentence);
        if (HasFatalFailure()) return;
        count += tokens.size();
      }
    }
  }
  EXPECT_GT(count, 100'000U);
}

TEST(TokenRangesTest, CharTokensTileTheSentence) {
  const auto tokenizer = MakeTokenizer(
      {}, std::make_shared<const Vocab>(std::vector<std::string>{"[UNK]", "[CLS]", "[SEP]"}));
  for (const std::string& text : SampleTexts(200)) {
    std::size_t last = 0;
    for (const Token& token : tokenizer->Tokenize(text, {0, text.size()})) {
      ASSERT_EQ(token.range.begin, last);
      last = token.range.end;
    }
    ASSERT_EQ(last, text.size());
  }
}

}  // namespace
}  // namespace radie
