// The expected calibration error and its bins, on cases worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "radie/error.h"
#include "radie/evaluation.h"

namespace radie {
namespace {

TEST(Calibration, ByHand) {
  const std::vector<Judged> judged = {{0.95, true}, {0.91, false}, {0.55, true}, {0.05, false}};
  const Calibration found = MeasureCalibration(judged);
  EXPECT_EQ(found.count, 4u);
  EXPECT_DOUBLE_EQ(found.confidence, (0.95 + 0.91 + 0.55 + 0.05) / 4);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.5);
  ASSERT_EQ(found.bins.size(), 10u);
  EXPECT_EQ(found.bins[9].count, 2u);
  EXPECT_DOUBLE_EQ(found.bins[9].confidence, 0.93);
  EXPECT_DOUBLE_EQ(found.bins[9].accuracy, 0.5);
  EXPECT_EQ(found.bins[5].count, 1u);
  EXPECT_EQ(found.bins[4].count, 0u);
  EXPECT_EQ(found.bins[4].accuracy, 0);
  EXPECT_NEAR(found.error, (2 * 0.43 + 0.45 + 0.05) / 4, 1e-12);
  EXPECT_NEAR(found.log_loss,
              -(std::log(0.95) + std::log(0.09) + std::log(0.55) + std::log(0.95)) / 4, 1e-12);
}

TEST(Calibration, EdgesOfBinsAndOfProbability) {
  const std::vector<Judged> judged = {{1, true}, {1, false}, {0.5, true}, {0, false}};
  const Calibration found = MeasureCalibration(judged, 2);
  EXPECT_EQ(found.bins[0].count, 1u);
  EXPECT_EQ(found.bins[1].count, 3u);  // 0.5 begins the second, 1 belongs to the last
  EXPECT_NEAR(found.log_loss, (-std::log(1e-12) - std::log(0.5)) / 4, 1e-9);
}

TEST(Calibration, NothingAndNonsense) {
  EXPECT_EQ(MeasureCalibration({}).error, 0);
  const std::vector<Judged> one = {{0.5, true}};
  EXPECT_THROW(MeasureCalibration(one, 0), Error);
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    const std::vector<Judged> judged = {{bad, true}};
    EXPECT_THROW(MeasureCalibration(judged), Error) << bad;
  }
}

StructuredReport Report(const std::vector<std::pair<std::size_t, double>>& spans) {
  StructuredReport report;
  for (const auto& [begin, confidence] : spans) {
    Entity entity;
    entity.type = "Imaging_observation";
    entity.span.code_points = {begin, begin + 2};
    entity.confidence = confidence;
    report.entities.push_back(std::move(entity));
  }
  return report;
}

TEST(Evaluation, KeepsConfidencesOfWhatWasPredicted) {
  StructuredReport gold = Report({{0, 1}, {4, 1}}), found = Report({{0, 0.9}, {8, 0.3}, {0, 0.7}});
  gold.relations = {{"modify", 0, 1, 1}};
  found.relations = {{"modify", 0, 1, 0.6}};
  Evaluation evaluation;
  evaluation.Add(gold, found);
  const auto& entities = evaluation.result().entity_confidences;
  ASSERT_EQ(entities.size(), 2u);  // the duplicate counts once, with the higher one
  EXPECT_EQ(entities[0].confidence, 0.9);
  EXPECT_TRUE(entities[0].correct);
  EXPECT_EQ(entities[1].confidence, 0.3);
  EXPECT_FALSE(entities[1].correct);
  const auto& relations = evaluation.result().relation_confidences;
  ASSERT_EQ(relations.size(), 1u);
  EXPECT_EQ(relations[0].confidence, 0.6);
  EXPECT_FALSE(relations[0].correct);
}

}  // namespace
}  // namespace radie
