#include "libradie/kernels/weight_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "libradie/base/half.h"

namespace radie::kernels {
namespace {

template <typename T>
T Load(const std::byte* row, std::size_t index) {
  T value;
  std::memcpy(&value, row + index * sizeof(T), sizeof(T));
  return value;
}

const std::byte* RowOf(const WeightView& weights, std::size_t row) {
  return static_cast<const std::byte*>(weights.data) +
         row * weights.cols * ElementBytes(weights.dtype);
}

void Round(std::span<const float> values, float scale, std::int8_t* to) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float steps = scale == 0 ? 0.0f : values[i] / scale;  // ±127 up to rounding
    to[i] = static_cast<std::int8_t>(std::lrint(std::clamp(steps, -127.0f, 127.0f)));
  }
}

// The largest sum of one sign in magnitude that PanelLayout::quad_limit is a limit of.
int LargestQuad(std::span<const std::int8_t> row) {
  int largest = 0;
  for (std::size_t begin = 0; begin < row.size(); begin += 8) {
    int sums[2][2] = {};  // by half of a group, by sign
    for (std::size_t i = begin; i < std::min(begin + 8, row.size()); ++i) {
      sums[i / 2 % 2][row[i] < 0] += std::abs(int{row[i]});
    }
    for (const auto& half : sums) largest = std::max({largest, half[0], half[1]});
  }
  return largest;
}

// What ReadRowAsInt8 says of the limit, for a row that was rounded with `scale`.
float CoarsenToLimit(const WeightView& weights, std::size_t row, float scale,
                     std::size_t quad_limit, std::span<float> values, std::int8_t* to) {
  const auto limit = static_cast<float>(quad_limit);
  const auto quad = [&] { return static_cast<float>(LargestQuad({to, values.size()})); };
  if (quad() <= limit) return scale;
  ReadRow(weights, row, values.data());
  // The factor grows until the row fits, however little of it a tiny scale can take up; twice the
  // scale halves every weight, and 4 · 64 is within any limit that a set has.
  float factor = 1.0f;
  do {
    factor *= std::max(quad() / limit, 1.001f);
    Round(values, scale * factor, to);
  } while (quad() > limit);
  return scale * factor;
}

}  // namespace

void ReadRow(const WeightView& weights, std::size_t row, float* to) {
  const std::byte* from = RowOf(weights, row);
  const std::size_t count = weights.cols;
  switch (weights.dtype) {
    case DType::kF32:
      if (count != 0) std::memcpy(to, from, count * sizeof(float));
      return;
    case DType::kF16:
      for (std::size_t i = 0; i < count; ++i) to[i] = WidenHalf(Load<std::uint16_t>(from, i));
      return;
    case DType::kBF16:
      for (std::size_t i = 0; i < count; ++i) to[i] = WidenBfloat16(Load<std::uint16_t>(from, i));
      return;
    case DType::kI8:
      for (std::size_t i = 0; i < count; ++i) {
        to[i] = weights.scales[row] * static_cast<float>(Load<std::int8_t>(from, i));
      }
      return;
  }
}

float ReadRowAsInt8(const WeightView& weights, std::size_t row, std::size_t quad_limit,
                    std::span<float> scratch, std::int8_t* to) {
  const std::span<float> values = scratch.first(weights.cols);
  float scale = 0;
  if (weights.dtype == DType::kI8) {
    if (weights.cols != 0) std::memcpy(to, RowOf(weights, row), weights.cols);
    scale = weights.scales[row];
  } else {
    ReadRow(weights, row, values.data());
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::fabs(value));
    scale = largest / 127.0f;
    Round(values, scale, to);
  }
  return quad_limit == 0 ? scale : CoarsenToLimit(weights, row, scale, quad_limit, values, to);
}

}  // namespace radie::kernels
