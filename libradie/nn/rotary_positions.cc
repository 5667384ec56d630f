#include "libradie/nn/rotary_positions.h"

#include <cmath>

namespace radie {
namespace {

// x ← (x0 cos − x1 sin, x1 cos + x0 sin), pair by pair.
void TurnHead(const float* cosines, const float* sines, std::size_t pairs, float* x) {
  for (std::size_t i = 0; i < pairs; ++i) {
    const float x0 = x[2 * i], x1 = x[2 * i + 1];
    x[2 * i] = x0 * cosines[i] - x1 * sines[i];
    x[2 * i + 1] = x1 * cosines[i] + x0 * sines[i];
  }
}

}  // namespace

RotaryPositions::RotaryPositions(std::size_t positions, std::size_t head_size, double theta)
    : half_(head_size / 2), angles_(positions * head_size) {
  for (std::size_t i = 0; i < half_; ++i) {
    const double step =
        std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(head_size));
    for (std::size_t p = 0; p < positions; ++p) {
      const double angle = static_cast<double>(p) * step;
      angles_[p * head_size + i] = static_cast<float>(std::cos(angle));
      angles_[p * head_size + half_ + i] = static_cast<float>(std::sin(angle));
    }
  }
}

void RotaryPositions::Turn(std::size_t position, std::size_t heads, float* row) const {
  const float* const cosines = angles_.data() + position * 2 * half_;
  for (std::size_t head = 0; head < heads; ++head) {
    TurnHead(cosines, cosines + half_, half_, row + head * 2 * half_);
  }
}

}  // namespace radie
