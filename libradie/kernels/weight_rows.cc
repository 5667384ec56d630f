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

// Adding it leaves no bit for fractions: a sum is rounded as lrint rounds, in code that vectorises.
constexpr float kRoundsToWhole = 12582912.0f;  // 1.5 · 2^23

void Round(std::span<const float> values, float scale, std::int8_t* to) {
  if (scale == 0 || !std::isfinite(scale)) {  // a stored scale may be coarsened beyond all floats
    std::fill_n(to, values.size(), std::int8_t{0});
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float steps = std::clamp(values[i] / scale, -127.0f, 127.0f);  // ±127 up to rounding
    to[i] = static_cast<std::int8_t>(static_cast<int>((steps + kRoundsToWhole) - kRoundsToWhole));
  }
}

// The largest sum of one sign in magnitude that PanelLayout::quad_limit is a limit of. Eight values
// at once, as the bytes of a word: the order of its bytes does not matter, as both halves count.
int LargestQuad(std::span<const std::int8_t> row) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kEven = 0x00FF00FF00FF00FF;
  const auto larger = [](std::uint64_t magnitudes) {
    const std::uint64_t pairs = (magnitudes & kEven) + (magnitudes >> 8 & kEven);
    const std::uint64_t quads = pairs + (pairs >> 32);  // of each half, in 16 bits
    return std::max(static_cast<int>(quads & 0xFFFF), static_cast<int>(quads >> 16 & 0xFFFF));
  };
  int largest = 0;
  for (std::size_t begin = 0; begin < row.size(); begin += 8) {
    std::uint64_t values = 0;
    std::memcpy(&values, row.data() + begin, std::min<std::size_t>(8, row.size() - begin));
    const std::uint64_t below_zero = (values >> 7 & kOnes) * 0xFF;
    const std::uint64_t negated = (values ^ below_zero) + (below_zero & kOnes);  // where below zero
    largest = std::max({largest, larger(values & ~below_zero), larger(negated & below_zero)});
  }
  return largest;
}

// What ReadRowAsInt8 says of the limit, for a row that was rounded with `scale`. `values` is the
// row widened, or not set yet where int8 is stored.
float CoarsenToLimit(const WeightView& weights, std::size_t row, float scale,
                     std::size_t quad_limit, std::span<float> values, std::int8_t* to) {
  const auto limit = static_cast<float>(quad_limit);
  const auto quad = [&] { return static_cast<float>(LargestQuad({to, values.size()})); };
  if (quad() <= limit) return scale;
  if (weights.dtype == DType::kI8) ReadRow(weights, row, values.data());
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
