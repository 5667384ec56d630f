#include "libradie/heads/crf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "every_path.h"
#include "libradie/heads/tag_labels.h"
#include "radie/error.h"

namespace radie {
namespace {

using testing::BestPath;
using testing::CrfCase;
using testing::LogSumOfPaths;
using testing::RandomCase;
using Path = std::vector<std::size_t>;

bool AnyPath(const Path&) { return true; }

TagConstraints RandomConstraints(std::mt19937& random, std::size_t labels) {
  TagConstraints constraints;
  for (std::size_t l = 0; l < labels; ++l) constraints.start.push_back(random() % 3 != 0);
  for (std::size_t s = 0; s < labels * labels; ++s) constraints.step.push_back(random() % 3 != 0);
  const std::size_t free = random() % labels;  // one label that can always be, so a path exists
  constraints.start[free] = constraints.step[free * labels + free] = true;
  return constraints;
}

// Decode, partition and marginals of stretches with neighbours, against every path.
void CheckAgainstEveryPath(const CrfCase& c, const TagConstraints& constraints,
                           std::mt19937& random) {
  const Crf crf = c.MakeCrf();
  EXPECT_EQ(crf.Decode(c.view(), constraints), BestPath(c, constraints));
  const double partition = LogSumOfPaths(c, constraints, AnyPath);
  EXPECT_NEAR(crf.LogPartition(c.view(), constraints), partition, 1e-9);

  const CrfMarginals marginals(crf, c.view(), constraints);
  for (int round = 0; round < 10; ++round) {
    const std::size_t begin = random() % c.length, size = 1 + random() % (c.length - begin);
    Path tags(size);
    for (std::size_t& tag : tags) tag = random() % c.labels;
    CrfMarginals::Neighbours neighbours;
    for (std::vector<bool>* side : {&neighbours.before, &neighbours.after}) {
      if (random() % 3 == 0) continue;
      for (std::size_t l = 0; l < c.labels; ++l) side->push_back(random() % 2 == 0);
    }
    const double expected = std::exp(
        LogSumOfPaths(c, constraints,
                      [&](const Path& path) {
                        const std::size_t end = begin + size;
                        return std::equal(tags.begin(), tags.end(), path.begin() + begin) &&
                               (begin == 0 || neighbours.before.empty() ||
                                neighbours.before[path[begin - 1]]) &&
                               (end == c.length || neighbours.after.empty() ||
                                neighbours.after[path[end]]);
                      }) -
        partition);
    EXPECT_NEAR(marginals.Probability(begin, tags, neighbours), expected, 1e-12);
  }
}

TEST(Crf, AgreesWithEveryPathOfTinyCases) {
  std::mt19937 random(7);
  for (std::size_t labels = 1; labels <= 4; ++labels) {
    for (std::size_t length = 1; length <= 5; ++length) {
      for (int round = 0; round < 5; ++round) {
        const CrfCase c = RandomCase(random, labels, length);
        CheckAgainstEveryPath(c, {}, random);
        CheckAgainstEveryPath(c, RandomConstraints(random, labels), random);
      }
    }
  }
}

// Scores so far apart that sums in the linear domain underflow.
TEST(Crf, AgreesWithEveryPathWhenScoresAreExtreme) {
  std::mt19937 random(8);
  for (int round = 0; round < 20; ++round) {
    const CrfCase c = RandomCase(random, 3, 4, 900);
    CheckAgainstEveryPath(c, {}, random);
    CheckAgainstEveryPath(c, RandomConstraints(random, 3), random);
  }
}

TEST(Crf, TheEmptySequenceHasOnePath) {
  std::mt19937 random(9);
  const CrfCase c = RandomCase(random, 3, 0);
  EXPECT_TRUE(c.MakeCrf().Decode(c.view()).empty());
  EXPECT_EQ(c.MakeCrf().LogPartition(c.view()), 0);
}

TEST(Crf, TheSmallestLabelWinsATieAtEachStep) {
  const CrfCase flat{3, 4, {0, 0, 0}, {0, 0, 0}, std::vector<float>(9), std::vector<float>(12)};
  EXPECT_EQ(flat.MakeCrf().Decode(flat.view()), (Path{0, 0, 0, 0}));
  CrfCase c = flat;
  c.emissions[2 * 3 + 1] = c.emissions[2 * 3 + 2] = 1;  // position 2: labels 1 and 2 equally good
  EXPECT_EQ(c.MakeCrf().Decode(c.view()), (Path{0, 0, 1, 0}));
  // 1 + 2^-24 rounds to 1 in fp32: a tie there, though not in exact arithmetic.
  c = {2, 1, {1, 1}, {0, 0}, std::vector<float>(4), {0, 0x1p-24f}};
  EXPECT_EQ(c.MakeCrf().Decode(c.view()), (Path{0}));
}

TEST(Crf, NeverLeavesItsConstraints) {
  TagConstraints constraints{{false, true}, {true, true, false, true}};  // 1 1 … 1 only
  for (float bad : {NAN, INFINITY, -INFINITY, 3e38f}) {
    const CrfCase c{2, 3, {0, 0}, {0, 0}, std::vector<float>(4), std::vector<float>(6, bad)};
    EXPECT_EQ(c.MakeCrf().Decode(c.view(), constraints), (Path{1, 1, 1})) << bad;
    const Crf crf = c.MakeCrf();
    const CrfMarginals marginals(crf, c.view(), constraints);
    const double probability = marginals.Probability(0, Path{1});
    EXPECT_TRUE(probability >= 0 && probability <= 1) << bad;
  }
}

TEST(Crf, SaysWhenNoPathIsAllowed) {
  const CrfCase c{2, 2, {0, 0}, {0, 0}, std::vector<float>(4), std::vector<float>(4)};
  const TagConstraints constraints{{true, true}, {false, false, false, false}};
  EXPECT_THROW(c.MakeCrf().Decode(c.view(), constraints), Error);
  EXPECT_EQ(c.MakeCrf().LogPartition(c.view(), constraints), -INFINITY);
}

TEST(Crf, ALongSequenceLosesNothing) {
  std::mt19937 random(10);
  const CrfCase c = RandomCase(random, 15, 5'000, 4);
  const Crf crf = c.MakeCrf();
  const CrfMarginals marginals(crf, c.view());
  for (std::size_t i = 0; i < c.length; i += 99) {
    double sum = 0;
    for (std::size_t label = 0; label < c.labels; ++label) {
      sum += marginals.Probability(i, Path{label});
    }
    EXPECT_NEAR(sum, 1, 1e-9) << i;
  }
}

TEST(Crf, CooledDividesEveryScore) {
  std::mt19937 random(11);
  for (const double temperature : {0.5, 1.0, 1.7, 4.0}) {
    CrfCase c = RandomCase(random, 3, 4);
    const Crf cooled = c.MakeCrf().Cooled(temperature);
    for (auto* scores : {&c.start, &c.end, &c.transitions}) {
      for (float& score : *scores) score = static_cast<float>(score / temperature);
    }
    EXPECT_EQ(cooled.Decode(c.view()), c.MakeCrf().Decode(c.view()));
    EXPECT_EQ(cooled.LogPartition(c.view()), c.MakeCrf().LogPartition(c.view())) << temperature;
  }
  EXPECT_EQ(CooledScore(3e38f, 0.01), std::numeric_limits<float>::max());
  EXPECT_EQ(CooledScore(-3e38f, 0.01), std::numeric_limits<float>::lowest());
  EXPECT_EQ(CooledScore(0.1f, 1), 0.1f);
}

TEST(Crf, AgreesWithPytorchCrf) {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/crf.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  ASSERT_GE(golden["cases"].size(), 50u);
  std::size_t constrained = 0;
  for (const auto& from : golden["cases"]) {
    CrfCase c{from["labels"], from["length"], from["start"], from["end"], {}, {}};
    for (const auto& row : from["transitions"]) {
      for (float score : row) c.transitions.push_back(score);
    }
    for (const auto& row : from["emissions"]) {
      for (float score : row) c.emissions.push_back(score);
    }
    const Crf crf = c.MakeCrf();
    const Path path = crf.Decode(c.view());
    EXPECT_EQ(path, from["path"].get<Path>());
    EXPECT_NEAR(c.Score(path), from["score"].get<double>(), 1e-5);
    const CrfMarginals marginals(crf, c.view());
    EXPECT_NEAR(marginals.log_partition(), from["log_partition"].get<double>(), 1e-5);
    for (std::size_t i = 0; i < c.length; ++i) {
      for (std::size_t label = 0; label < c.labels; ++label) {
        EXPECT_NEAR(marginals.Probability(i, Path{label}),
                    from["marginals"][i][label].get<double>(), 1e-6);
      }
    }
    if (!from.contains("label_names")) continue;
    ++constrained;
    Schema schema;
    schema.entity_types = {{"A", true}, {"B", false}};
    const TagLabels labels(from["label_names"].get<std::vector<std::string>>(), schema);
    const Path best = crf.Decode(c.view(), labels.Constraints());
    EXPECT_EQ(best, from["constrained_path"].get<Path>());
    EXPECT_NEAR(c.Score(best), from["constrained_score"].get<double>(), 1e-5);
  }
  EXPECT_GE(constrained, 10u);
}

}  // namespace
}  // namespace radie
