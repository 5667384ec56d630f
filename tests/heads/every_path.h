// The naive twin of a CRF: every path of a tiny case, one by one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

#include "libradie/heads/crf.h"

namespace radie::testing {

struct CrfCase {
  std::size_t labels = 0, length = 0;
  std::vector<float> start, end, transitions, emissions;

  Crf MakeCrf() const { return Crf(start, end, transitions); }
  ConstMatrixView view() const { return {emissions.data(), length, labels, labels}; }

  double Score(const std::vector<std::size_t>& path) const {
    double score = double(start[path.front()]) + double(end[path.back()]);
    for (std::size_t i = 0; i < length; ++i) {
      score += double(emissions[i * labels + path[i]]);
      if (i > 0) score += double(transitions[path[i - 1] * labels + path[i]]);
    }
    return score;
  }
};

inline std::vector<float> RandomFloats(std::mt19937& random, std::size_t count, float deviation) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

inline CrfCase RandomCase(std::mt19937& random, std::size_t labels, std::size_t length,
                          float deviation = 2) {
  return {labels,
          length,
          RandomFloats(random, labels, deviation),
          RandomFloats(random, labels, deviation),
          RandomFloats(random, labels * labels, deviation),
          RandomFloats(random, length * labels, deviation)};
}

// Calls visit(path) for each path within the constraints, in lexicographic order.
inline void ForEachPath(const CrfCase& c, const TagConstraints& constraints,
                        const std::function<void(const std::vector<std::size_t>&)>& visit) {
  std::vector<std::size_t> path(c.length, 0);
  for (;;) {
    bool allowed = constraints.AllowsStart(path[0]);
    for (std::size_t i = 1; i < c.length; ++i) {
      allowed = allowed && constraints.AllowsStep(path[i - 1], path[i], c.labels);
    }
    if (allowed && constraints.AllowsEnd(path.back())) visit(path);
    std::size_t i = c.length;
    while (i > 0 && ++path[i - 1] == c.labels) path[--i] = 0;
    if (i == 0) return;
  }
}

// log Σ exp s(y) over the paths that `wanted` picks.
inline double LogSumOfPaths(const CrfCase& c, const TagConstraints& constraints,
                            const std::function<bool(const std::vector<std::size_t>&)>& wanted) {
  double largest = -INFINITY, sum = 0;
  ForEachPath(c, constraints, [&](const auto& path) {
    if (wanted(path)) largest = std::max(largest, c.Score(path));
  });
  if (largest == -INFINITY) return largest;
  ForEachPath(c, constraints, [&](const auto& path) {
    if (wanted(path)) sum += std::exp(c.Score(path) - largest);
  });
  return largest + std::log(sum);
}

inline std::vector<std::size_t> BestPath(const CrfCase& c, const TagConstraints& constraints) {
  std::vector<std::size_t> best;
  ForEachPath(c, constraints, [&](const auto& path) {
    if (best.empty() || c.Score(path) > c.Score(best)) best = path;
  });
  return best;
}

}  // namespace radie::testing
