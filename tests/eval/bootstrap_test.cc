// Bootstrap intervals. tests/tools/eval_figures_test.py draws the same resamples in Python.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "radie/error.h"
#include "radie/evaluation.h"

namespace radie {
namespace {

std::vector<ReportScores> RandomScores(std::size_t reports) {
  std::mt19937 random(5);
  std::vector<ReportScores> scores(reports);
  for (ReportScores& report : scores) {
    for (Score* score : {&report.entities_strict, &report.entities_boundary, &report.entities_tags,
                         &report.relations_strict, &report.relations_boundary}) {
      score->gold = 5 + random() % 20;
      score->predicted = 5 + random() % 20;
      score->correct = random() % 6;
    }
  }
  return scores;
}

bool Same(const Interval& a, const Interval& b) { return a.low == b.low && a.high == b.high; }

TEST(BootstrapIntervals, RepeatForASeedAndChangeWithIt) {
  const std::vector<ReportScores> scores = RandomScores(30);
  const EvaluationIntervals one = BootstrapIntervals(scores), again = BootstrapIntervals(scores);
  EXPECT_TRUE(Same(one.entities_strict.f1, again.entities_strict.f1));
  EXPECT_TRUE(Same(one.relations_boundary.recall, again.relations_boundary.recall));
  const EvaluationIntervals other = BootstrapIntervals(scores, {2000, 2, 0.95});
  EXPECT_FALSE(Same(one.entities_strict.f1, other.entities_strict.f1));
}

TEST(BootstrapIntervals, HoldThePointAndWidenWithTheLevel) {
  const std::vector<ReportScores> scores = RandomScores(30);
  Score sum;
  for (const ReportScores& report : scores) {
    sum.gold += report.relations_strict.gold;
    sum.predicted += report.relations_strict.predicted;
    sum.correct += report.relations_strict.correct;
  }
  const ScoreIntervals narrow = BootstrapIntervals(scores, {2000, 1, 0.5}).relations_strict;
  const ScoreIntervals wide = BootstrapIntervals(scores, {2000, 1, 0.99}).relations_strict;
  EXPECT_LT(narrow.f1.low, sum.f1());
  EXPECT_GT(narrow.f1.high, sum.f1());
  EXPECT_LT(narrow.precision.low, sum.precision());
  EXPECT_GT(narrow.recall.high, sum.recall());
  EXPECT_LT(wide.f1.low, narrow.f1.low);
  EXPECT_GT(wide.f1.high, narrow.f1.high);
}

// For the mean of a proportion over equally large reports the width is known: 2 * 1.96 * sd / sqrt.
TEST(BootstrapIntervals, HaveTheWidthOfTheNormalApproximation) {
  std::vector<ReportScores> scores(400);
  for (std::size_t i = 0; i < scores.size(); ++i)
    scores[i].entities_strict = {1, 1, i % 2};  // half of the reports right: sd 0.5
  const Interval recall = BootstrapIntervals(scores).entities_strict.recall;
  EXPECT_NEAR(recall.low, 0.5 - 1.96 * 0.5 / 20, 0.006);
  EXPECT_NEAR(recall.high, 0.5 + 1.96 * 0.5 / 20, 0.006);
}

TEST(BootstrapIntervals, OfReportsThatAreAllAlikeIsThePoint) {
  const std::vector<ReportScores> scores(7, RandomScores(1).front());
  const ScoreIntervals intervals = BootstrapIntervals(scores).entities_boundary;
  EXPECT_EQ(intervals.f1.low, scores.front().entities_boundary.f1());
  EXPECT_EQ(intervals.f1.high, scores.front().entities_boundary.f1());
  EXPECT_EQ(BootstrapIntervals({}).entities_strict.f1.high, 0.0);
}

TEST(BootstrapIntervals, RefuseWhatIsOutOfRange) {
  const std::vector<ReportScores> scores = RandomScores(2);
  EXPECT_THROW(BootstrapIntervals(scores, {0, 1, 0.95}), Error);
  EXPECT_THROW(BootstrapIntervals(scores, {1'000'001, 1, 0.95}), Error);
  EXPECT_THROW(BootstrapIntervals(scores, {10, 1, 0.0}), Error);
  EXPECT_THROW(BootstrapIntervals(scores, {10, 1, 1.0}), Error);
  EXPECT_NO_THROW(BootstrapIntervals(scores, {1, 1, 0.95}));
}

}  // namespace
}  // namespace radie
