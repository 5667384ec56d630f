#include <gtest/gtest.h>

#include <sstream>

#include "libradie/write/display_text.h"
#include "radie/writer.h"
#include "tests/write/sample_report.h"

namespace radie {
namespace {

std::vector<std::string> Lines(const std::string& table) {
  std::vector<std::string> lines;
  std::istringstream stream(table);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(DisplayWidth("S1+2"), 4u);
  EXPECT_EQ(DisplayWidth("右肺"), 4u);
  EXPECT_EQ(DisplayWidth("Ｓ６"), 4u);      // full width
  EXPECT_EQ(DisplayWidth("ｶﾞ"), 2u);        // half width
  EXPECT_EQ(DisplayWidth("か\u3099"), 2u);  // combining
  EXPECT_EQ(DisplayWidth("①×"), 2u);        // ambiguous
  EXPECT_EQ(DisplayWidth("⻑⼤㎜𠮷"), 8u);
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(OneSafeLine, KeepsControlsFromTheTerminal) {
  EXPECT_EQ(OneSafeLine("a\x1b[31mb"), "a\uFFFD[31mb");
  EXPECT_EQ(OneSafeLine("a\u009b31m"), "a\uFFFD31m");
  EXPECT_EQ(OneSafeLine("a\u202eb"), "a\uFFFDb");
  EXPECT_EQ(OneSafeLine("a\u061cb"), "a\uFFFDb");
  EXPECT_EQ(OneSafeLine("a\xff"), "a\uFFFD");
  EXPECT_EQ(OneSafeLine("a\tb"), "a b");
}

TEST(OneSafeLine, JoinsHardWraps) {
  EXPECT_EQ(OneSafeLine("胸膜\n疾患"), "胸膜疾患");
  EXPECT_EQ(OneSafeLine("follow\r\nup"), "follow up");
  EXPECT_EQ(OneSafeLine("GGN\n影"), "GGN影");
  EXPECT_EQ(OneSafeLine("\n影\n"), "影");
}

TEST(Table, ShowsTheFindingWithItsAttributes) {
  EXPECT_EQ(ToTable("a", SampleReport(), {60, false}),
            "a                         1 finding, 3 entities, 2 relations\n"
            "────────────────────────────────────────────────────────────\n"
            "\n"
            "  T2  結節                         Imaging observation  0.87\n"
            "      Certainty   認める\n"
            "      Anatomical  右肺\n");
}

TEST(Table, ShowsCodesBehindTheirMentions) {
  StructuredReport report = CodedReport();
  report.entities[0].codes[0].code = "E\x1b-3";
  const std::vector<std::string> lines = Lines(ToTable("a", report, {60, false}));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[3], "  T2  結節 [E-1, E<2]              Imaging observation  0.87");
  EXPECT_EQ(lines[4], "      Certainty   認める");
  EXPECT_EQ(lines[5], "      Anatomical  右肺 [肺 E\uFFFD-3]");
}

TEST(Table, EveryLineEndsAtTheSameColumnOrBefore) {
  StructuredReport report = SampleReport();
  for (int i = 0; i < 40; ++i) {
    report.findings[0].attributes.push_back(report.entities.size());
    report.entities.push_back(
        MakeEntity("Anatomical_entity", i % 2 ? "縦隔リンパ節" : "S6", 3, 2, 1));
  }
  for (std::size_t width : {40u, 41u, 60u, 100u}) {
    const std::vector<std::string> lines = Lines(ToTable("レポート", report, {width, false}));
    for (const std::string& line : lines)
      EXPECT_LE(DisplayWidth(line), std::max<std::size_t>(width, 56)) << line;
    EXPECT_GT(lines.size(), 8u);
    if (width >= 60) {
      EXPECT_EQ(DisplayWidth(lines[0]), width);
      EXPECT_EQ(DisplayWidth(lines[3]), width);
    }
  }
}

TEST(Table, SaysWhenNothingIsSaidOfCertainty) {
  StructuredReport report = SampleReport();
  report.findings[0].attributes = {0};
  const std::string table = ToTable("a", report);
  EXPECT_NE(table.find("(not said)"), std::string::npos);
  EXPECT_NE(table.find("Attached to no finding"), std::string::npos);
}

TEST(Table, IsCompleteForAnEmptyReport) {
  const std::string table = ToTable("a", StructuredReport());
  EXPECT_NE(table.find("No findings."), std::string::npos);
  EXPECT_EQ(table.back(), '\n');
}

TEST(Table, ColorsAddNothingButEscapes) {
  const std::string plain = ToTable("a", SampleReport(), {80, false});
  std::string colored = ToTable("a", SampleReport(), {80, true});
  EXPECT_NE(colored, plain);
  for (std::size_t at; (at = colored.find('\x1b')) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  EXPECT_EQ(colored, plain);
}

TEST(Table, SaysWhatTheTypeSays) {
  StructuredReport report = SampleReport();
  report.relations.clear();
  for (Finding& finding : report.findings) {
    finding.attributes.clear();
    finding.certainty = Certainty{CertaintyClass::kDenial, 0.9, {}};
  }
  const std::string table = ToTable("a", report);
  EXPECT_NE(table.find("denial (its type)"), std::string::npos) << table;
  EXPECT_EQ(table.find("(not said)"), std::string::npos) << table;
}

}  // namespace
}  // namespace radie
