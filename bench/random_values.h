// Reproducible numbers for benchmarks.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace radie {

inline std::vector<float> RandomFloats(std::size_t count, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> draw(-spread, spread);
  std::vector<float> values(count);
  for (float& v : values) v = draw(random);
  return values;
}

}  // namespace radie
