// Lists of steps: the strings of Python's packages, one map back, patterns that cannot hang.
#include "libradie/text/normalization.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exact_map.h"
#include "libradie/model/normalization_parser.h"
#include "tests/refusal.h"
#include "utf8_samples.h"

namespace radie {
namespace {

using nlohmann::json;

Normalization Of(const json& steps) {
  json text = json::object();
  text["normalization"] = steps;
  return Normalization(ParseNormalization(ParseJson(text.dump(), "text")));
}

// A step with a setting; json's braces around one element mean another thing to each compiler.
json Step(const char* name, json setting) {
  json step = json::object();
  step[name] = std::move(setting);
  return step;
}

json Only(const char* name, json setting) { return json::array({Step(name, std::move(setting))}); }

std::string Result(const json& steps, const std::string& text) {
  return Of(steps).Apply(Document::Decode(text)).text;
}

// The source that the first occurrence of `part` in the result came from.
std::string SourceOf(const json& steps, const std::string& text, const std::string& part) {
  const NormalizedText normalized = Of(steps).Apply(Document::Decode(text));
  const std::size_t begin = normalized.text.find(part);
  if (begin == std::string::npos) return "not found";
  const SourceRange source = normalized.map.ToSource({begin, begin + part.size()});
  return text.substr(source.begin, source.size());
}

std::vector<json> Golden() {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/text_steps.jsonl");
  std::vector<json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST(NormalizationTest, StringsArePythons) {
  const std::vector<json> lines = Golden();
  ASSERT_GE(lines.size(), 14U);
  const auto texts = lines[0]["texts"].get<std::vector<std::string>>();
  ASSERT_GE(texts.size(), 100U);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const Normalization normalization = Of(lines[i]["steps"]);
    ASSERT_EQ(lines[i]["results"].size(), texts.size());
    for (std::size_t t = 0; t < texts.size(); ++t) {
      ASSERT_EQ(normalization.Apply(Document::Decode(texts[t])).text,
                lines[i]["results"][t].get<std::string>())
          << lines[i]["steps"].dump() << json(texts[t]).dump();
    }
  }
}

TEST(NormalizationTest, OffsetsHoldForRandomUnicode) {
  std::vector<Normalization> profiles;
  const std::vector<json> lines = Golden();
  for (std::size_t i = 1; i < lines.size(); ++i) profiles.push_back(Of(lines[i]["steps"]));
  profiles.push_back(
      Of(json::array({"h2z", Step("cut", "[ぁ-ん。]|\\s"), "radiology-ja", "neologdn", "nfkc"})));
  for (const std::string& text : SampleTexts(400)) {
    for (const Normalization& profile : profiles) {
      ASSERT_NO_FATAL_FAILURE(ExpectExactMap(profile.Apply(Document::Decode(text)), text))
          << json(text).dump();
    }
  }
}

TEST(NormalizationTest, OneStepIsItsProfile) {
  for (const std::string& text : SampleTexts(100)) {
    const Document document = Document::Decode(text);
    EXPECT_EQ(Result("none", text), text);
    EXPECT_EQ(Result("nfkc", text), Normalize(document, NormalizationProfile::kNfkc).text);
    EXPECT_EQ(Result(json::array({"radiology-ja"}), text),
              Normalize(document, NormalizationProfile::kRadiologyJa).text);
  }
}

TEST(NormalizationTest, SourcesThroughSeveralSteps) {
  const json steps = json::array({"nfkc", "neologdn", "h2z", "newline_to_stop"});
  EXPECT_EQ(Result(steps, "径８㎜ 大ーー\r\nｶﾞｽ"), "径８ｍｍ大ー。ガス");
  EXPECT_EQ(SourceOf(steps, "径８㎜ 大ーー\r\nｶﾞｽ", "ｍ"), "㎜");
  EXPECT_EQ(SourceOf(steps, "径８㎜ 大ーー\r\nｶﾞｽ", "ー"), "ーー");
  EXPECT_EQ(SourceOf(steps, "径８㎜ 大ーー\r\nｶﾞｽ", "。"), "\r\n");
  EXPECT_EQ(SourceOf(steps, "径８㎜ 大ーー\r\nｶﾞｽ", "ガ"), "ｶﾞ");
  EXPECT_EQ(SourceOf(json::array({"neologdn", "nfkc"}), "か\u3099ーー㎜", "ーmm"), "ーー㎜");
}

TEST(NormalizationTest, WhatIsCutIsNotThere) {
  const std::string report = "科名 内科\r\n【所見】結節12mm\n以上\n某医師";
  EXPECT_EQ(Result(Only("cut_header", "【所見】"), report), "結節12mm\n以上\n某医師");
  EXPECT_EQ(Result(Only("cut_header", ".*(?=【所見】)"), report), "【所見】結節12mm\n以上\n某医師");
  EXPECT_EQ(Result(Only("cut_footer", "^以上$"), report), "科名 内科\r\n【所見】結節12mm\n");
  EXPECT_EQ(Result(Only("cut", "\\d+mm$|^.* 内科$"), report), "\r\n【所見】結節\n以上\n某医師");
  EXPECT_EQ(Result(Only("cut", "\\s"), report), "科名内科\r\n【所見】結節12mm\n以上\n某医師");
  EXPECT_EQ(Result(Only("cut", "(?i)MM"), report), "科名 内科\r\n【所見】結節12\n以上\n某医師");
  EXPECT_EQ(Result(json::array({Step("cut_header", "ない"), Step("cut_footer", "ない")}), report),
            report);
  EXPECT_EQ(Result(json::array({Step("cut_footer", "^"), "nfkc"}), report), "");
  EXPECT_EQ(SourceOf(Only("cut", "【所見】"), "肺【所見】結節", "肺結"), "肺【所見】結");

  const NormalizedText cut = Of(Only("cut_header", "【所見】")).Apply(Document::Decode(report));
  EXPECT_TRUE(cut.map.ToText({0, 9}).empty());  // a mention of the header is in no text
}

TEST(NormalizationTest, PatternsAreCheckedWhenTheModelLoads) {
  for (const char* pattern : {"(", "[", "a{2", "*", "\\", "(?<n", "a{999999999999}", "\\p{Nope}"}) {
    const auto [code, message, offset] = RefusalOf([&] {
      Of(json::array({"nfkc", Step("cut", pattern)}));
    });
    EXPECT_EQ(code, ErrorCode::kInvalidModel) << pattern;
    EXPECT_EQ(message.find("text.normalization[1].cut: no regular expression"), 0U) << message;
  }
  const auto [code, message, offset] =
      RefusalOf([] { Of(Only("cut_footer", std::string(1001, 'a'))); });
  EXPECT_EQ(code, ErrorCode::kUnsupportedModel);
  EXPECT_EQ(message,
            "text.normalization[0].cut_footer: a pattern of 1001 bytes, at most 1,000 are "
            "taken");
  // As large as they come: whatever is made of them, soon and without a crash.
  for (const std::string& pattern :
       {std::string(500, '(') + std::string(500, ')'), std::string(1000, '['),
        std::string("((((a{1000}){1000}){1000}){1000})"),
        std::string("(?i)") + std::string(900, '?')}) {
    try {
      EXPECT_EQ(Result(Only("cut", pattern), "結節"), "結節");
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kInvalidModel ||
                  error.code() == ErrorCode::kLimitExceeded);
    }
  }
}

TEST(NormalizationTest, HostilePatternsEndSoon) {
  std::string line(20'000, 'a'), long_line(40'000, 'a'), lines;
  for (int i = 0; i < 20'000; ++i) lines += std::string(25, 'a') + "\n";
  for (const char* pattern : {"(a+)+b", "(a|aa)+b", "(a*)*\\1b", "(?>a*)b", "a*+b", "(?=a*)b",
                              "((a{0,99}){0,99}){0,99}b", "(.*.*.*)*x", "(?:a?){999}a{999}b"}) {
    for (const std::string* text : {&line, &long_line, &lines}) {
      const auto begin = std::chrono::steady_clock::now();
      const auto [code, message, offset] = RefusalOf([&] { Result(Only("cut", pattern), *text); });
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << pattern;
      EXPECT_TRUE(message.empty() || code == ErrorCode::kLimitExceeded) << message;
      EXPECT_EQ(message.find("aaaa"), std::string::npos);  // no text of the report
    }
  }
  const auto [code, message, offset] = RefusalOf([&] { Result(Only("cut", "(a+)+b"), line); });
  EXPECT_EQ(code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(message.find("report: text.normalization[0].cut takes too many steps in it"), 0U)
      << message;
  const auto [too_long, why, at] = RefusalOf([&] { Result(Only("cut", "b"), long_line); });
  EXPECT_EQ(too_long, ErrorCode::kLimitExceeded);
  EXPECT_EQ(why, "report: its lines are too long for text.normalization[0].cut");
}

}  // namespace
}  // namespace radie
