// Token ids against transformers' tokenizers.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "libradie/tokenize/tokenizer.h"

namespace radie {
namespace {

using nlohmann::json;

std::ifstream Open(const std::string& name) {
  return std::ifstream(std::string(RADIE_SOURCE_DIR) + "/tests/golden/" + name);
}

std::shared_ptr<const Vocab> LoadVocab(const std::string& name) {
  std::ifstream file = Open(name);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  return std::make_shared<const Vocab>(std::move(tokens));
}

void ExpectGolden(const std::string& name, const std::string& vocab, const TokenizerConfig& config,
                  NormalizationProfile profile) {
  const auto tokenizer = MakeTokenizer(config, LoadVocab(vocab));
  std::ifstream file = Open(name);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const json expected = json::parse(line);
    const auto text = expected["text"].get<std::string>();
    const NormalizedText normalized = Normalize(Document::Decode(text), profile);
    std::vector<std::int32_t> ids;
    for (const Token& token : tokenizer->Tokenize(normalized.text, {0, normalized.text.size()})) {
      ids.push_back(token.id);
    }
    EXPECT_EQ(ids, expected["ids"].get<std::vector<std::int32_t>>()) << line;
  }
  EXPECT_GT(lines, 200U);
}

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
