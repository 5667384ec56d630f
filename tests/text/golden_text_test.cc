// Against Python: unicodedata's NFKC, and the training code's own radiology-ja and sentences.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "libradie/text/sentences.h"

namespace radie {
namespace {

using nlohmann::json;

std::vector<json> Golden(const std::string& name) {
  std::ifstream file(std::string(RADIE_SOURCE_DIR) + "/tests/golden/" + name);
  std::vector<json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST(GoldenTextTest, NfkcIsPythons) {
  const std::vector<json> lines = Golden("text_normalize.jsonl");
  ASSERT_GT(lines.size(), 500U);
  for (const json& line : lines) {
    const auto text = line["text"].get<std::string>();
    const NormalizedText normalized =
        Normalize(Document::Decode(text), NormalizationProfile::kNfkc);
    EXPECT_EQ(normalized.text, line["nfkc"].get<std::string>()) << line.dump();
  }
}

json CodePoints(const TextSpan& span) {
  return json::array({span.code_points.begin, span.code_points.end});
}

TEST(GoldenTextTest, RadiologyJaIsTheTrainingCodes) {
  const std::vector<json> lines = Golden("text_radiology_ja.jsonl");
  ASSERT_GE(lines.size(), 150U);
  for (const json& line : lines) {
    const auto text = line["text"].get<std::string>();
    const Document document = Document::Decode(text);
    const NormalizedText normalized = Normalize(document, NormalizationProfile::kRadiologyJa);
    EXPECT_EQ(normalized.text, line["normalized"].get<std::string>()) << line.dump();

    const Document view = Document::Decode(normalized.text);
    json sentences = json::array();
    for (const TextRange range : SplitSentences(normalized.text, SentenceRules::kRadiologyJa)) {
      sentences.push_back(CodePoints(view.Span({range.begin, range.end})));
    }
    EXPECT_EQ(sentences, line["sentences"]) << line.dump();

    json source = json::array();
    const std::size_t count = view.Span({0, normalized.text.size()}).code_points.end;
    for (std::size_t i = 0; i < count; ++i) {
      const SourceRange one = view.FromUnit({i, i + 1}, OffsetUnit::kCodePoint);
      source.push_back(CodePoints(document.Span(normalized.map.ToSource({one.begin, one.end}))));
    }
    EXPECT_EQ(source, line["source"]) << line.dump();
  }
}

}  // namespace
}  // namespace radie
