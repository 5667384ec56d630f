// Golden files of the tokenizers: tests/golden/README.md.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "libradie/base/utf8.h"
#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "libradie/tokenize/tokenizer.h"
#include "tests/refusal.h"

namespace radie::testing {

inline std::ifstream OpenGolden(const std::string& name) {
  return std::ifstream(std::string(RADIE_SOURCE_DIR) + "/tests/golden/" + name, std::ios::binary);
}

inline std::shared_ptr<const Vocab> LoadVocab(const std::string& name) {
  std::ifstream file = OpenGolden(name);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  return std::make_shared<const Vocab>(std::move(tokens));
}

// Ids of every line. A token's range is inside the text, and no range begins or ends before the one
// before it does.
inline void ExpectGolden(const std::string& name, const Tokenizer& tokenizer,
                         NormalizationProfile profile) {
  std::ifstream file = OpenGolden(name);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const nlohmann::json expected = nlohmann::json::parse(line);
    const auto text = expected["text"].get<std::string>();
    const NormalizedText normalized = Normalize(Document::Decode(text), profile);
    std::vector<std::int32_t> ids;
    TextRange last{0, 0};
    for (const Token& token : tokenizer.Tokenize(normalized.text, {0, normalized.text.size()})) {
      ASSERT_TRUE(token.range.begin < token.range.end && token.range.begin >= last.begin &&
                  token.range.end >= last.end && token.range.end <= normalized.text.size())
          << line;
      last = token.range;
      ids.push_back(token.id);
    }
    EXPECT_EQ(ids, expected["ids"].get<std::vector<std::int32_t>>()) << line;
  }
  EXPECT_GT(lines, 200U);
}

inline void ExpectGolden(const std::string& name, const std::string& vocab,
                         const TokenizerConfig& config, NormalizationProfile profile) {
  ExpectGolden(name, *MakeTokenizer(config, LoadVocab(vocab)), profile);
}

inline std::string ReadGoldenBytes(const std::string& name) {
  std::ifstream file = OpenGolden(name);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace radie::testing
