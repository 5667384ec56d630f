#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "libradie/base/json_string.h"
#include "libradie/write/json_text.h"
#include "radie/writer.h"
#include "tests/write/sample_report.h"

namespace radie {
namespace {

using nlohmann::json;

std::string Confidence(double value) {
  std::string out;
  AppendConfidence(out, value);
  return out;
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(JsonWriter, WritesTheDocumentedRecordByteForByte) {
  EXPECT_EQ(
      ToJson("a", kSampleText, SampleReport()),
      "{\"id\":\"a\",\"offset_unit\":\"codepoint\",\"entities\":["
      "{\"id\":\"T1\",\"type\":\"Anatomical_entity\",\"start\":3,\"end\":5,\"text\":\"右肺\","
      "\"confidence\":1.0000},"
      "{\"id\":\"T2\",\"type\":\"Imaging_observation\",\"start\":6,\"end\":8,\"text\":\"結節\","
      "\"confidence\":0.8765},"
      "{\"id\":\"T3\",\"type\":\"Certainty_descriptor\",\"start\":9,\"end\":12,\"text\":\"認める\","
      "\"confidence\":0.5000}],"
      "\"relations\":["
      "{\"id\":\"R1\",\"type\":\"modify\",\"head\":\"T1\",\"tail\":\"T2\",\"confidence\":0.2500},"
      "{\"id\":\"R2\",\"type\":\"modify\",\"head\":\"T3\",\"tail\":\"T2\",\"confidence\":1.0000}],"
      "\"findings\":[{\"object\":\"T2\",\"type\":\"Imaging_observation\",\"text\":\"結節\","
      "\"attributes\":{\"Anatomical_entity\":[\"T1\"],\"Certainty_descriptor\":[\"T3\"]},"
      "\"evidence\":[]}],\"warnings\":[]}");
}

TEST(JsonWriter, WritesCodesWhereThereAreSome) {
  const std::string record = ToJson("a", kSampleText, CodedReport());
  EXPECT_NE(record.find("\"text\":\"右肺\",\"confidence\":1.0000,\"codes\":[{\"code\":\"E-3\","
                        "\"name\":\"Lung\",\"term\":\"肺\",\"whole\":false}]}"),
            std::string::npos)
      << record;
  EXPECT_NE(
      record.find("\"codes\":[{\"code\":\"E-1\",\"name\":\"Nodule\",\"system\":\"EXAMPLE\","
                  "\"term\":\"結節\",\"whole\":true},{\"code\":\"E<2\",\"name\":\"No\\\"dule\","
                  "\"system\":\"EXAMPLE\",\"term\":\"結 節\",\"whole\":true}]}"),
      std::string::npos)
      << record;
  EXPECT_FALSE(json::parse(record)["entities"][2].contains("codes"));
}

TEST(JsonWriter, WritesOffsetsInTheUnitAskedFor) {
  const auto starts = [](OffsetUnit unit) {
    const json record = json::parse(ToJson("a", kSampleText, SampleReport(), {unit, false}));
    return std::pair(record["offset_unit"].get<std::string>(),
                     record["entities"][1]["start"].get<std::size_t>());
  };
  EXPECT_EQ(starts(OffsetUnit::kCodePoint), std::pair(std::string("codepoint"), std::size_t{6}));
  EXPECT_EQ(starts(OffsetUnit::kUtf8), std::pair(std::string("utf8"), std::size_t{17}));
  EXPECT_EQ(starts(OffsetUnit::kUtf16), std::pair(std::string("utf16"), std::size_t{7}));
}

TEST(JsonWriter, WritesOffsetsInBytesOfTheSource) {
  const DecodedText text = DecodeText("\x89\x45\x94\x78\x82\xC9", Encoding::kCp932);  // 右肺に
  StructuredReport report;
  report.entities.push_back({"Anatomical_entity", {{3, 6}, {1, 2}, {1, 2}}, "肺"});
  JsonOptions options;
  options.source = &text;
  const json record = json::parse(ToJson("a", text.utf8(), report, options));
  EXPECT_EQ(record["offset_unit"], "source");
  EXPECT_EQ(record["encoding"], "cp932");
  EXPECT_EQ(record["entities"][0]["start"], 2);
  EXPECT_EQ(record["entities"][0]["end"], 4);
  EXPECT_FALSE(json::parse(ToJson("a", text.utf8(), report)).contains("encoding"));
  report.entities[0].span.utf8 = {3, 10};
  EXPECT_THROW(ToJson("a", text.utf8(), report, options), Error);
}

TEST(JsonWriter, GivesTheTextOnlyWhenAsked) {
  EXPECT_FALSE(json::parse(ToJson("a", kSampleText, SampleReport())).contains("text"));
  const json record =
      json::parse(ToJson("a", kSampleText, SampleReport(), {OffsetUnit::kCodePoint, true}));
  EXPECT_EQ(record["text"], kSampleText);
}

TEST(JsonWriter, EveryCodePointSurvivesAParser) {
  for (char32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 37) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xC0 | c >> 6);
    } else if (c < 0x10000) {
      text += static_cast<char>(0xE0 | c >> 12);
    } else {
      text += static_cast<char>(0xF0 | c >> 18);
      text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    }
    if (c >= 0x800) text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    if (c >= 0x80) text += static_cast<char>(0x80 | (c & 0x3F));
    const std::string quoted = Quoted(text);
    ASSERT_EQ(json::parse(quoted).get<std::string>(), text) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(quoted.find('\n'), std::string::npos);
  }
}

TEST(JsonWriter, IllFormedBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Quoted("a\xFF\xE3\x81z"), "\"a\uFFFD\uFFFD\uFFFDz\"");
  EXPECT_EQ(Quoted("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
  EXPECT_EQ(Quoted("\xC0\xAF"), "\"\uFFFD\uFFFD\"");            // an overlong form
  EXPECT_EQ(Quoted("\xF4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");
  const StructuredReport report;
  EXPECT_EQ(json::parse(ToJson("\xFFname", "", report))["id"], "\uFFFDname");
}

TEST(JsonWriter, RoundsConfidencesToFourDecimals) {
  EXPECT_EQ(Confidence(0), "0.0000");
  EXPECT_EQ(Confidence(1), "1.0000");
  EXPECT_EQ(Confidence(0.5), "0.5000");
  EXPECT_EQ(Confidence(0.00004), "0.0000");
  EXPECT_EQ(Confidence(0.00006), "0.0001");
  EXPECT_EQ(Confidence(0.99994), "0.9999");
  EXPECT_EQ(Confidence(0.99996), "1.0000");
  EXPECT_EQ(Confidence(0.0625), "0.0625");
  EXPECT_EQ(Confidence(-1), "0.0000");
  EXPECT_EQ(Confidence(7), "1.0000");
  EXPECT_EQ(Confidence(std::numeric_limits<double>::infinity()), "1.0000");
  EXPECT_EQ(Confidence(std::nan("")), "0.0000");
}

TEST(JsonWriter, WritesWarningsAndEvidence) {
  StructuredReport report = SampleReport();
  report.entities[0].type = "Clinical_finding";
  report.findings = std::vector<Finding>(1);
  report.findings[0].evidence = {1};
  report.warnings = {{"pairs_out_of_window", "3 \"pairs\""}};
  const json record = json::parse(ToJson("a", "", report));
  EXPECT_EQ(record["findings"][0]["evidence"], json::array({"T2"}));
  EXPECT_EQ(record["findings"][0]["attributes"], json::object());
  EXPECT_EQ(record["warnings"],
            json::array({{{"code", "pairs_out_of_window"}, {"message", "3 \"pairs\""}}}));
}

TEST(JsonWriter, RefusesAnIndexPastTheEntities) {
  for (int field = 0; field < 5; ++field) {
    StructuredReport report = SampleReport();
    if (field == 0) report.relations[1].head = 3;
    if (field == 1) report.relations[1].tail = 3;
    if (field == 2) report.findings[0].object = 3;
    if (field == 3) report.findings[0].attributes[1] = 3;
    if (field == 4) report.findings[0].evidence = {3};
    EXPECT_THROW(ToJson("a", "", report), Error) << field;
    EXPECT_THROW(ToTable("a", report), Error) << field;
  }
}

TEST(ErrorWriter, WritesWhatIsThere) {
  const Error with_offset(ErrorCode::kInvalidText, "ill-formed UTF-8", 12);
  EXPECT_EQ(
      ErrorToJson("a\n", with_offset),
      "{\"id\":\"a\\n\",\"error\":{\"code\":\"invalid_text\",\"message\":\"ill-formed UTF-8\","
      "\"offset\":12}}");
  const Error plain(ErrorCode::kInvalidInput, "not JSON");
  EXPECT_EQ(
      ErrorToJson(std::nullopt, plain, 7),
      "{\"id\":null,\"line\":7,\"error\":{\"code\":\"invalid_input\",\"message\":\"not JSON\"}}");
}

}  // namespace
}  // namespace radie
