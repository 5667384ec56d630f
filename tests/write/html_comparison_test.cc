#include <gtest/gtest.h>

#include "libradie/write/html_comparison_style.h"
#include "radie/comparison.h"
#include "radie/error.h"
#include "tests/write/made_report.h"

namespace radie {
namespace {

using EntityKind = EntityDifference::Kind;
using RelationKind = RelationDifference::Kind;

std::size_t Count(const std::string& page, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = page.find(what); at != page.npos; at = page.find(what, at + 1)) ++count;
  return count;
}

// 肺癌 was found a character too long, 右肺 not at all, 軽度 where there is nothing.
const std::string kText = "右肺に結節を認め、肺癌を疑う。軽度";
StructuredReport Gold() {
  return Made(kText,
              {{"Anatomical_entity", 0, 2},
               {"Imaging_observation", 3, 5},
               {"Certainty_descriptor", 6, 8},
               {"Clinical_finding", 9, 11}},
              {{"modify", 0, 1, 1.0}, {"modify", 2, 1, 1.0}, {"evidence", 1, 3, 1.0}});
}
StructuredReport Predicted() {
  return Made(kText,
              {{"Imaging_observation", 3, 5},
               {"Certainty_descriptor", 6, 8},
               {"Clinical_finding", 9, 12},
               {"Characteristics_descriptor", 15, 17}},
              {{"modify", 1, 0, 1.0}, {"evidence", 0, 2, 1.0}, {"modify", 3, 2, 1.0}});
}
Differences TheirDifferences() {
  Differences differences;
  differences.entities = {{EntityKind::kMissed, 0, std::nullopt},
                          {EntityKind::kBounds, 3, 2},
                          {EntityKind::kSpurious, std::nullopt, 3}};
  differences.relations = {{RelationKind::kMissed, 0, std::nullopt},
                           {RelationKind::kMentions, 2, 1},
                           {RelationKind::kSpurious, std::nullopt, 2}};
  differences.equal_entities = {1, 2};
  differences.equal_relations = {1};
  return differences;
}

class HtmlComparison : public testing::Test {
 protected:
  HtmlComparison() {
    report_.id = "a<b";
    report_.text = kText;
    report_.gold = &gold_;
    report_.predicted = {&predicted_, &differences_};
  }

  StructuredReport gold_ = Gold(), predicted_ = Predicted();
  Differences differences_ = TheirDifferences();
  ComparedReport report_;
};

TEST_F(HtmlComparison, NumbersADifferenceInBothTextsAndItsRow) {
  const std::string page = HtmlComparisonSection(2, report_);
  const std::string bounds =
      "<a class=\"x\" href=\"#r2-D2\" aria-label=\"相違2、範囲違い\">範2</a>";
  EXPECT_EQ(Count(page, bounds), 2u) << page;
  EXPECT_EQ(Count(page, "<tr role=\"row\" id=\"r2-D2\" data-g=\"2\">"), 1u);
  EXPECT_EQ(Count(page, "<a class=\"x\" href=\"#r2-D1\""), 1u) << "missed: on one side";
  EXPECT_EQ(Count(page, "<a class=\"x\" href=\"#r2-D3\""), 1u);
  EXPECT_EQ(Count(page, "class=\"e dx d\" id=\"r2-G4\""), 1u);
  EXPECT_EQ(Count(page, "class=\"e dx d\" id=\"r2-P3\""), 1u);
  EXPECT_EQ(Count(page, "class=\"e loc d mis\""), 1u);
  EXPECT_EQ(Count(page, "class=\"e chr d spu\""), 1u);
  EXPECT_EQ(Count(page, "id=\"r2-name\">a&lt;b</h2>"), 1u);
}

TEST_F(HtmlComparison, ShowsRelationsAsLinksBetweenMentions) {
  const std::string page = HtmlComparisonSection(1, report_);
  const std::string arrow = "<span class=\"arrow\">→</span>";
  EXPECT_EQ(Count(page, "<span class=\"x\">漏4</span>見落とし"), 1u);
  EXPECT_EQ(Count(page, "<a href=\"#r1-G1\">右肺</a>" + arrow + "<a href=\"#r1-G2\">結節</a>"), 1u);
  EXPECT_EQ(Count(page, "<span class=\"x\">語5</span>語の違い"), 1u);
  EXPECT_EQ(Count(page, "<a href=\"#r1-P1\">結節</a>" + arrow + "<a href=\"#r1-P3\">肺癌を</a>"),
            1u);
  EXPECT_EQ(Count(page, "<summary>一致した関係 1</summary>"), 1u);
  // A mention is shown together with every row it has a part in: 結節 with 4 and 5.
  EXPECT_EQ(Count(page, "data-g=\"4 5\"><span class=\"e obs\" id=\"r1-G2\""), 1u);
}

TEST_F(HtmlComparison, LeavesOutWhatWasNotMeasured) {
  report_.relations = false;
  std::string page = HtmlComparisonSection(1, report_);
  EXPECT_EQ(Count(page, "関係"), 0u);
  report_.relations = true;
  report_.predicted = {};
  report_.related = {&gold_, &differences_};
  differences_.entities = {};
  differences_.relations = {{RelationKind::kMissed, 0, std::nullopt}, {RelationKind::kType, 1, 2}};
  page = HtmlComparisonSection(1, report_);
  EXPECT_EQ(Count(page, "予測</h3>"), 0u);
  EXPECT_EQ(Count(page, "正解の語の間の関係"), 2u);
  EXPECT_EQ(Count(page, "id=\"r1-P"), 0u);
}

TEST_F(HtmlComparison, FindsTheAnnotatedMentionOfARelatedOne) {
  // The extractor sorts what an annotation may have in any order.
  StructuredReport shuffled = Gold();
  std::swap(shuffled.entities[0], shuffled.entities[3]);
  shuffled.relations = {{"evidence", 1, 0, 1.0}};
  Differences differences;
  differences.relations = {{RelationKind::kSpurious, std::nullopt, 0}};
  report_.related = {&shuffled, &differences};
  const std::string page = HtmlComparisonSection(1, report_);
  EXPECT_EQ(Count(page,
                  "<a href=\"#r1-G2\">結節</a><span class=\"arrow\">→</span>"
                  "<a href=\"#r1-G4\">肺癌</a> <span class=\"none\">根拠</span>"),
            2u)
      << "in the two stages' row and in this one\n"
      << page;
  shuffled.entities[1].span.code_points.end += 1;
  EXPECT_THROW(HtmlComparisonSection(1, report_), Error);
}

TEST_F(HtmlComparison, ListsMentionsThatOverlapOthers) {
  gold_ = Made(kText, {{"Clinical_finding", 9, 11}, {"Anatomical_entity", 9, 10}});
  differences_ = {};
  const std::string page = HtmlComparisonSection(1, report_);
  EXPECT_EQ(Count(page, "ほかの語と重なる語"), 1u);
  EXPECT_EQ(Count(page, "id=\"r1-G1\""), 1u);
  EXPECT_EQ(Count(page, "<li><span class=\"m\"><span class=\"e loc\" id=\"r1-G2\""), 1u);
}

TEST_F(HtmlComparison, SaysThatAPredictionIsMissing) {
  const StructuredReport nothing;
  Differences all;
  for (std::size_t i = 0; i < 4; ++i)
    all.entities.push_back({EntityKind::kMissed, i, std::nullopt});
  report_.predicted = {&nothing, &all};
  report_.failed = true;
  const std::string page = HtmlComparisonSection(1, report_);
  EXPECT_EQ(Count(page, "class=\"fail\""), 1u);
  EXPECT_EQ(Count(page, "<div class=\"text\">"), 1u);
}

TEST_F(HtmlComparison, RefusesWhatPointsNowhere) {
  differences_.entities[0].gold = 4;
  EXPECT_THROW(HtmlComparisonSection(1, report_), Error);
  differences_ = TheirDifferences();
  differences_.relations[2].predicted = 3;
  EXPECT_THROW(HtmlComparisonSection(1, report_), Error);
  differences_ = TheirDifferences();
  gold_.entities[1].span.utf8.end = 1000;
  EXPECT_THROW(HtmlComparisonSection(1, report_), Error);
}

TEST(HtmlComparisonPage, HasFiguresAndAListThatLeadsToTheReports) {
  const HtmlFigures figures[] = {
      {"表<1>",
       {"項目", "F1"},
       {{"全体", "", false, {"0.5"}}, {"", "Size_descriptor", true, {"0.25"}}}},
      {"表2", {"項目", "1"}, {{"1", "Own_<type", false, {"3"}}}}};
  HtmlListed bad, good;
  bad.number = 2, bad.id = "x&y", bad.missed_entities = 3, bad.spurious_relations = 1;
  good.number = 1, good.id = "good";
  const HtmlListed list[] = {bad, good};
  const std::string page = HtmlComparisonBegin("題", "概要<", figures, list);
  EXPECT_EQ(Count(page, "<caption>表&lt;1&gt;</caption>"), 2u) << "in brief, and whole";
  EXPECT_EQ(Count(page, "class=\"sub\">大きさ</th>"), 1u) << "whole only";
  EXPECT_EQ(Count(page, ">1 Own &lt;type</th>"), 1u);
  EXPECT_EQ(Count(page,
                  "<a href=\"#r2\">x&amp;y</a><span class=\"counts\">語 "
                  "漏3・余0、関係 漏0・余1</span>"),
            1u);
  EXPECT_EQ(Count(page, "誤りなし"), 1u);
  EXPECT_LT(page.find("#r2"), page.find("\"#r1\""));
  const HtmlFigures uneven[] = {{"", {"a", "b"}, {{"c", "", false, {}}}}};
  EXPECT_THROW(HtmlComparisonBegin("", "", uneven, {}), Error);
}

TEST(HtmlComparisonStyle, CannotEndItsElement) {
  EXPECT_EQ(HtmlComparisonStyle().find('<'), std::string_view::npos);
  EXPECT_EQ(HtmlComparisonStyle().find("url("), std::string_view::npos);
}

}  // namespace
}  // namespace radie
