// Reproducible numbers for benchmarks.
#pragma once

#include <cstddef>
#include <cstdint>
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

// fp16 bits of numbers between 2^-6 and 2^-5 in size, both signs.
inline std::vector<std::uint16_t> RandomHalves(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint16_t> values(count);
  for (std::uint16_t& v : values) v = static_cast<std::uint16_t>((random() & 0x83FF) | 9 << 10);
  return values;
}

}  // namespace radie
