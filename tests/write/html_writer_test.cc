#include <gtest/gtest.h>

#include "libradie/write/html_style.h"
#include "libradie/write/html_text.h"
#include "radie/writer.h"
#include "tests/write/made_report.h"
#include "tests/write/sample_report.h"

namespace radie {
namespace {

std::string Html(std::string_view text) {
  std::string out;
  AppendHtml(out, text);
  return out;
}

std::size_t Occurrences(const std::string& page, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = page.find(what); at != page.npos; at = page.find(what, at + 1)) ++count;
  return count;
}

// Two findings: 2 is what 1 is evidence for, and the certainty belongs to both.
const std::string kPageText = "右肺に結節を認め、肺癌を疑う。軽度";
StructuredReport Report() {
  return Made(kPageText,
              {{"Anatomical_entity", 0, 2},
               {"Imaging_observation", 3, 5},
               {"Certainty_descriptor", 6, 8},
               {"Clinical_finding", 9, 11},
               {"Characteristics_descriptor", 15, 17}},
              {{"modify", 0, 1, 1.0},
               {"modify", 2, 1, 1.0},
               {"evidence", 1, 3, 1.0},
               {"modify", 2, 3, 1.0}});
}

TEST(HtmlText, EscapesWhatHtmlReads) {
  EXPECT_EQ(Html("<b a=\"1\" c='2'>&amp;"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  EXPECT_EQ(Html("a\r\nb\rc\td\n"), "a\nb\nc\td\n");
  EXPECT_EQ(Html(std::string_view("\0\x1b\x7f", 3)), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(Html("a\u202eb\u2066c\u0085\xff"), "a\ufffdb\ufffdc\ufffd\ufffd");
  EXPECT_EQ(Html("𠮷㎜ｶﾞ\u3000"), "𠮷㎜ｶﾞ\u3000");
}

TEST(HtmlText, TakesCarriageReturnAndLineFeedForOneAcrossPieces) {
  std::string out;
  AppendHtml(out, "a\r\nb", {0, 2});
  AppendHtml(out, "a\r\nb", {2, 4});
  EXPECT_EQ(out, "a\nb");
}

TEST(HtmlStyle, CannotEndItsElement) {
  EXPECT_EQ(HtmlStyle().find('<'), std::string_view::npos);
  EXPECT_EQ(HtmlStyle().find("url("), std::string_view::npos);
  EXPECT_EQ(HtmlStyle().find("@import"), std::string_view::npos);
}

TEST(HtmlSection, ShowsCodesInTheTableEscaped) {
  const std::string section = HtmlSection(1, "a", kSampleText, CodedReport());
  EXPECT_EQ(Occurrences(section,
                        "<span class=\"code\" title=\"E-1 Nodule (EXAMPLE), E&lt;2 No&quot;dule "
                        "(EXAMPLE)\">E-1, E&lt;2</span>"),
            1u)
      << section;
  EXPECT_EQ(Occurrences(section, "<span class=\"code\" title=\"E-3 Lung\">肺 E-3</span>"), 1u)
      << section;
  EXPECT_EQ(Occurrences(HtmlSection(1, "a", kSampleText, SampleReport()), "class=\"code\""), 0u);
}

TEST(HtmlSection, LeadsFromAttributesToTheirObjects) {
  const std::string page = HtmlSection(3, "a", kPageText, Report());
  EXPECT_EQ(Occurrences(page, "<a href=\"#r3-T2\" aria-label=\"部位、所見1 結節\">部1</a>"), 1u);
  EXPECT_EQ(Occurrences(page,
                        "<a href=\"#r3-T2\" aria-label=\"確信度、所見1 結節\">確1</a>,"
                        "<a href=\"#r3-T4\" aria-label=\"確信度、所見2 肺癌\">2</a>"),
            1u);
  EXPECT_EQ(Occurrences(page, "<a href=\"#r3-T4\" aria-label=\"根拠、所見2 肺癌\">根2</a>"), 1u);
  EXPECT_EQ(
      Occurrences(page, "<a class=\"n obs\" href=\"#r3-F1\" aria-label=\"所見1、画像所見\">1</a>"),
      1u);
  EXPECT_EQ(Occurrences(page, "<a class=\"n dx\" href=\"#r3-F2\""), 1u);
  EXPECT_EQ(Occurrences(page, "<span class=\"b chr\">性</span>"), 1u) << "attached to nothing";
  EXPECT_EQ(Occurrences(page, "どの所見にも結び付かない語"), 1u);
}

TEST(HtmlSection, HasARowAFindingAndAColumnAnAttribute) {
  const std::string page = HtmlSection(1, "a", kPageText, Report());
  EXPECT_EQ(Occurrences(page, "<th scope=\"row\""), 2u);
  EXPECT_EQ(Occurrences(page, "<th scope=\"col\""), 4u) << "finding, certainty, anatomy, evidence";
  EXPECT_EQ(Occurrences(page, "記載なし"), 0u);
  const StructuredReport unsaid = Made("結節", {{"Imaging_observation", 0, 2}});
  EXPECT_EQ(Occurrences(HtmlSection(1, "a", "結節", unsaid), "記載なし"), 1u);
}

// In other information models the object is the head, and its type says whether it is there.
TEST(HtmlSection, FollowsRelationsOfOtherModels) {
  StructuredReport report =
      Made(kPageText, {{"Anatomical_entity", 0, 2}, {"Imaging_observation", 3, 5}});
  report.relations = {{"located_at", 1, 0, 1.0}};
  report.findings[0].attributes = {0};
  report.findings[0].certainty = Certainty{CertaintyClass::kDenial, 0.9, {}};
  const std::string page = HtmlSection(3, "a", kPageText, report);
  EXPECT_EQ(Occurrences(page, "<a href=\"#r3-T2\" aria-label=\"部位、所見1 結節\">部1</a>"), 1u)
      << page;
  EXPECT_EQ(Occurrences(page, "根"), 0u) << page;
  EXPECT_EQ(Occurrences(page, ">否定</span>"), 1u) << page;
  EXPECT_EQ(Occurrences(page, "記載なし"), 0u) << page;
}

TEST(HtmlSection, ShowsTypesOfOtherModels) {
  const StructuredReport report =
      Made("肺炎", {{"Cl<inical_x", 0, 1}, {"Own_type", 1, 2}}, {{"r", 1, 0, 1.0}});
  const std::string page = HtmlSection(1, "a", "肺炎", report);
  EXPECT_EQ(Occurrences(page, "Cl<inical"), 0u);
  EXPECT_EQ(Occurrences(page, "<th scope=\"col\" role=\"columnheader\">Own type</th>"), 1u);
  EXPECT_EQ(Occurrences(page, "他1"), 1u);
}

TEST(HtmlSection, ShowsWarningsAndEmptyReports) {
  StructuredReport report;
  report.warnings = {{"pairs_out_of_window", "3 <pairs>"}};
  const std::string page = HtmlSection(1, "a", "", report);
  EXPECT_EQ(Occurrences(page, "pairs_out_of_window: 3 &lt;pairs&gt;"), 1u);
  EXPECT_EQ(Occurrences(page, "本文がありません"), 1u);
  EXPECT_EQ(Occurrences(page, "所見は見つかりませんでした"), 1u);
}

TEST(HtmlSection, RefusesWhatPointsNowhere) {
  StructuredReport report = Report();
  report.relations[0].head = 5;
  EXPECT_THROW(HtmlSection(1, "a", kPageText, report), Error);
  EXPECT_THROW(HtmlSection(1, "a", kPageText.substr(0, 30), Report()), Error);
}

TEST(HtmlErrorSection, ShowsIdOrLine) {
  const Error error(ErrorCode::kInvalidText, "not <UTF-8>", 12);
  EXPECT_EQ(Occurrences(HtmlErrorSection(2, "a<b", error), "id=\"r2-name\">a&lt;b</h2>"), 1u);
  EXPECT_EQ(Occurrences(HtmlErrorSection(2, "a", error), "invalid_text: not &lt;UTF-8&gt;（12 "),
            1u);
  EXPECT_EQ(Occurrences(HtmlErrorSection(2, std::nullopt, error, 7), ">7 行目</h2>"), 1u);
}

TEST(ToHtml, IsThePiecesInOrder) {
  const StructuredReport sample = SampleReport(), report = Report();
  const NamedReport reports[] = {{"a", kSampleText, &sample}, {"b", kPageText, &report}};
  const std::string page = ToHtml(reports);
  EXPECT_EQ(page, HtmlPageBegin("読影報告書の構造化") + HtmlSection(1, "a", kSampleText, sample) +
                      HtmlSection(2, "b", kPageText, report) + HtmlPageEnd());
  EXPECT_EQ(ToHtml("a<", kPageText, report),
            HtmlPageBegin("a<") + HtmlSection(1, "a<", kPageText, report) + HtmlPageEnd());
  EXPECT_EQ(Occurrences(ToHtml("a<", kPageText, report), "<title>a&lt;</title>"), 1u);
}

}  // namespace
}  // namespace radie
