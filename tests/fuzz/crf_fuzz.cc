// Decoder and marginals on any tiny case, against every path.
#include <algorithm>
#include <cmath>
#include <vector>

#include "fuzz.h"
#include "radie/error.h"
#include "tests/heads/every_path.h"

namespace radie::fuzz {
namespace {

using testing::CrfCase;
using Path = std::vector<std::size_t>;

// Multiples of one power of two, so that fp32 sums are exact and a tie is a tie.
std::vector<float> Scores(Input* input, std::size_t count, float unit) {
  std::vector<float> scores(count);
  for (float& score : scores) score = unit * static_cast<float>(static_cast<int8_t>(input->Byte()));
  return scores;
}

std::vector<bool> Bits(Input* input, std::size_t count) {
  std::vector<bool> bits(count);
  std::uint8_t byte = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 8 == 0) byte = input->Byte();
    bits[i] = (byte >> i % 8 & 1) == 0;
  }
  return bits;
}

// Near to within what sums of numbers of this size lose.
void ExpectNear(double value, double expected, double size) {
  if (std::isinf(expected)) {
    ASSERT_EQ(value, expected);
  } else {
    ASSERT_NEAR(value, expected, 1e-9 + 1e-12 * size);
  }
}

void CheckMarginals(Input* input, const CrfCase& c, const TagConstraints& constraints,
                    double partition, double size) {
  const Crf crf = c.MakeCrf();
  const CrfMarginals marginals(crf, c.view(), constraints);
  ExpectNear(marginals.log_partition(), partition, size);
  for (int round = 0; round < 3; ++round) {
    const std::size_t begin = input->UpTo(c.length - 1);
    Path tags(1 + input->UpTo(c.length - begin - 1));
    for (std::size_t& tag : tags) tag = input->UpTo(c.labels - 1);
    CrfMarginals::Neighbours near;
    if (input->Flag()) near.before = Bits(input, c.labels);
    if (input->Flag()) near.after = Bits(input, c.labels);
    const std::size_t end = begin + tags.size();
    const double part = testing::LogSumOfPaths(c, constraints, [&](const Path& path) {
      return std::equal(tags.begin(), tags.end(),
                        path.begin() + static_cast<std::ptrdiff_t>(begin)) &&
             (begin == 0 || near.before.empty() || near.before[path[begin - 1]]) &&
             (end == c.length || near.after.empty() || near.after[path[end]]);
    });
    const double probability = marginals.Probability(begin, tags, near);
    ASSERT_TRUE(probability >= 0 && probability <= 1) << probability;
    ASSERT_NEAR(probability, std::exp(part - partition), 1e-9 + 1e-12 * size);
  }
}

}  // namespace

RADIE_FUZZ_TARGET(crf) {
  static constexpr float kUnits[] = {0x1p-5f, 0x1p-3f, 1, 0x1p6f, 0x1p20f, 0x1p100f};
  Input input(bytes);
  CrfCase c;
  c.labels = 1 + input.UpTo(2);
  c.length = 1 + input.UpTo(3);
  const float unit = kUnits[input.UpTo(std::size(kUnits) - 1)];
  c.start = Scores(&input, c.labels, unit);
  c.end = Scores(&input, c.labels, unit);
  c.transitions = Scores(&input, c.labels * c.labels, unit);
  c.emissions = Scores(&input, c.labels * c.length, unit);
  TagConstraints constraints;
  if (input.Flag()) {
    constraints.start = Bits(&input, c.labels);
    constraints.step = Bits(&input, c.labels * c.labels);
    if (input.Flag()) constraints.end = Bits(&input, c.labels);
  }

  const Crf crf = c.MakeCrf();
  const double size = 127.0 * 12 * unit;
  const Path best = testing::BestPath(c, constraints);
  const double partition = testing::LogSumOfPaths(c, constraints, [](const Path&) { return true; });
  ExpectNear(crf.LogPartition(c.view(), constraints), partition, size);
  if (best.empty()) {
    ASSERT_THROW(crf.Decode(c.view(), constraints), Error);
    return;
  }
  const Path path = crf.Decode(c.view(), constraints);
  ASSERT_EQ(path.size(), c.length);
  ASSERT_EQ(c.Score(path), c.Score(best));
  ASSERT_TRUE(constraints.AllowsStart(path.front()) && constraints.AllowsEnd(path.back()));
  for (std::size_t i = 1; i < path.size(); ++i) {
    ASSERT_TRUE(constraints.AllowsStep(path[i - 1], path[i], c.labels));
  }
  CheckMarginals(&input, c, constraints, partition, size);
}

}  // namespace radie::fuzz
