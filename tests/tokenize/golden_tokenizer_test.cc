// Token ids against transformers' tokenizers.
#include <gtest/gtest.h>

#include "tests/tokenize/golden_lines.h"

namespace radie {
namespace {

using testing::ExpectGolden;

TokenizerConfig BertBasic(bool lower, bool space_chinese) {
  TokenizerConfig config;
  config.profile = "bert-basic";
  config.do_lower_case = config.strip_accents = lower;
  config.tokenize_chinese_chars = space_chinese;
  return config;
}

TEST(GoldenTokenizerTest, Char) {
  ExpectGolden("tokenizer_char.jsonl", "vocab_char.txt", {}, NormalizationProfile::kNfkc);
}

TEST(GoldenTokenizerTest, WordPieceCased) {
  ExpectGolden("tokenizer_wordpiece_cased.jsonl", "vocab_cased.txt", BertBasic(false, true),
               NormalizationProfile::kNone);
}

TEST(GoldenTokenizerTest, WordPieceUncased) {
  ExpectGolden("tokenizer_wordpiece_uncased.jsonl", "vocab_uncased.txt", BertBasic(true, true),
               NormalizationProfile::kNone);
}

TEST(GoldenTokenizerTest, WordPieceWithoutChineseSpacing) {
  ExpectGolden("tokenizer_wordpiece_no_cjk_spacing.jsonl", "vocab_cased.txt",
               BertBasic(false, false), NormalizationProfile::kNone);
}

}  // namespace
}  // namespace radie
