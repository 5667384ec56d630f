// Bootstrap intervals. Whole reports are drawn, since entities of one report are not independent of
// each other; a report's counts are all that a draw needs.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "libradie/base/float_environment.h"
#include "radie/error.h"
#include "radie/evaluation.h"

namespace radie {
namespace {

constexpr std::size_t kMaxResamples = 1'000'000;

// SplitMix64 (Steele, Lea and Flood 2014). The standard library's distributions differ from one
// implementation to the next; this and the multiplication below do not.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  // In [0, size). `size` is at most 2^32; the bias is below size / 2^32.
  std::size_t Below(std::size_t size) { return ((Next() >> 32) * size) >> 32; }

 private:
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

struct Figure {
  Score ReportScores::*score;
  ScoreIntervals EvaluationIntervals::*intervals;
};

constexpr std::array<Figure, 6> kFigures = {{
    {&ReportScores::entities_strict, &EvaluationIntervals::entities_strict},
    {&ReportScores::entities_boundary, &EvaluationIntervals::entities_boundary},
    {&ReportScores::entities_tags, &EvaluationIntervals::entities_tags},
    {&ReportScores::relations_strict, &EvaluationIntervals::relations_strict},
    {&ReportScores::relations_boundary, &EvaluationIntervals::relations_boundary},
    {&ReportScores::certainty, &EvaluationIntervals::certainty},
}};

void Accumulate(Score& sum, const Score& score) {
  sum.gold += score.gold;
  sum.predicted += score.predicted;
  sum.correct += score.correct;
}

// Linear between the neighbours, as numpy's default.
double Quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval IntervalOf(const std::vector<Score>& draws, double (Score::*value)() const, double level) {
  std::vector<double> values;
  values.reserve(draws.size());
  for (const Score& draw : draws) values.push_back((draw.*value)());
  std::sort(values.begin(), values.end());
  const double tail = (1.0 - level) / 2.0;
  return {Quantile(values, tail), Quantile(values, 1.0 - tail)};
}

}  // namespace

EvaluationIntervals BootstrapIntervals(std::span<const ReportScores> reports,
                                       const BootstrapOptions& options) {
  const FloatEnvironment environment;
  if (options.resamples == 0 || options.resamples > kMaxResamples) {
    throw Error(ErrorCode::kInvalidArgument,
                "resamples: must be 1 to " + std::to_string(kMaxResamples));
  }
  if (!(options.level > 0.0 && options.level < 1.0)) {
    throw Error(ErrorCode::kInvalidArgument, "level: must lie between 0 and 1");
  }
  if (reports.size() > std::size_t{0xFFFFFFFF}) {
    throw Error(ErrorCode::kInvalidArgument, "reports: more than 4,294,967,295");
  }
  EvaluationIntervals intervals;
  if (reports.empty()) return intervals;

  std::array<std::vector<Score>, kFigures.size()> draws;
  for (std::vector<Score>& of_figure : draws) of_figure.resize(options.resamples);
  Generator generator(options.seed);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    for (std::size_t n = 0; n < reports.size(); ++n) {
      const ReportScores& report = reports[generator.Below(reports.size())];
      for (std::size_t f = 0; f < kFigures.size(); ++f)
        Accumulate(draws[f][i], report.*kFigures[f].score);
    }
  }
  for (std::size_t f = 0; f < kFigures.size(); ++f) {
    intervals.*kFigures[f].intervals = {IntervalOf(draws[f], &Score::precision, options.level),
                                        IntervalOf(draws[f], &Score::recall, options.level),
                                        IntervalOf(draws[f], &Score::f1, options.level)};
  }
  return intervals;
}

}  // namespace radie
