#include "libradie/kernels/weight_rows.h"

#include <algorithm>
#include <cmath>
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

float ReadRowAsInt8(const WeightView& weights, std::size_t row, std::span<float> scratch,
                    std::int8_t* to) {
  if (weights.dtype == DType::kI8) {
    if (weights.cols != 0) std::memcpy(to, RowOf(weights, row), weights.cols);
    return weights.scales[row];
  }
  ReadRow(weights, row, scratch.data());
  float largest = 0;
  for (std::size_t i = 0; i < weights.cols; ++i) largest = std::max(largest, std::fabs(scratch[i]));
  const float scale = largest / 127.0f;
  for (std::size_t i = 0; i < weights.cols; ++i) {
    const float steps = scale == 0 ? 0.0f : scratch[i] / scale;  // ±127 up to rounding
    to[i] = static_cast<std::int8_t>(std::lrint(std::clamp(steps, -127.0f, 127.0f)));
  }
  return scale;
}

}  // namespace radie::kernels
