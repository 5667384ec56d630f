#include "libradie/kernels/packed_panels.h"

#include <algorithm>
#include <cstring>

#include "libradie/base/half.h"
#include "libradie/kernels/weight_rows.h"

namespace radie::kernels {
namespace {

std::size_t RoundUp(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

std::size_t GroupOf(DType dtype) { return dtype == DType::kI8 ? 4 : dtype == DType::kBF16 ? 2 : 1; }

}  // namespace

PackedPanels::PackedPanels(std::size_t inputs, std::size_t outputs, std::size_t width, DType dtype)
    : PackedLinear(inputs, outputs, dtype), width_(width), group_(GroupOf(dtype)) {
  depth_ = group_ == 1 ? inputs : RoundUp(inputs, kCacheLine / ElementBytes(dtype));
  const std::size_t padded = RoundUp(outputs, width);
  panels_ = AlignedBuffer(padded * depth_ * ElementBytes(dtype));
  bias_ = AlignedBuffer(padded * sizeof(float));
  if (dtype == DType::kI8) {
    scales_ = AlignedBuffer(padded * sizeof(float));
    sums_ = AlignedBuffer(padded * sizeof(std::int32_t));
  }
}

void PackedPanels::Fill(std::size_t first, const WeightView& weights,
                        const std::vector<float>& bias) {
  std::vector<float> scratch(inputs());
  std::vector<std::int8_t> values(dtype() == DType::kI8 ? inputs() : 0);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    if (dtype() == DType::kI8) {
      FillInt8Row(first + row, weights, row, scratch, values);
    } else {
      FillRow(first + row, weights, row, scratch);
    }
  }
  std::copy(bias.begin(), bias.end(), bias_.floats() + first);
}

PanelMatrix PackedPanels::matrix() const {
  return {panels_.data(),   bias_.floats(),
          scales_.floats(), static_cast<const std::int32_t*>(sums_.data()),
          inputs(),         outputs(),
          depth_,           dtype()};
}

template <typename Put>
void PackedPanels::EachInput(std::size_t output, const Put& put) const {
  const std::size_t element = ElementBytes(dtype());
  const std::size_t start =
      output / width_ * width_ * depth_ + output % width_ * group_;  // in elements
  for (std::size_t k = 0; k < inputs(); ++k) {
    put(k, (start + k / group_ * width_ * group_ + k % group_) * element);
  }
}

void PackedPanels::FillRow(std::size_t output, const WeightView& weights, std::size_t row,
                           std::span<float> scratch) {
  auto* const to = static_cast<std::byte*>(panels_.data());
  const std::size_t element = ElementBytes(dtype());
  if (weights.dtype == dtype()) {  // as it lies in the file
    const auto* from = static_cast<const std::byte*>(weights.data) + row * weights.cols * element;
    EachInput(output, [&](std::size_t k, std::size_t at) {
      std::memcpy(to + at, from + k * element, element);
    });
    return;
  }
  ReadRow(weights, row, scratch.data());
  EachInput(output, [&](std::size_t k, std::size_t at) {
    if (dtype() == DType::kF32) {
      std::memcpy(to + at, &scratch[k], sizeof(float));
      return;
    }
    const std::uint16_t bits =
        dtype() == DType::kF16 ? NarrowHalf(scratch[k]) : NarrowBfloat16(scratch[k]);
    std::memcpy(to + at, &bits, sizeof(bits));
  });
}

void PackedPanels::FillInt8Row(std::size_t output, const WeightView& weights, std::size_t row,
                               std::span<float> scratch, std::span<std::int8_t> values) {
  scales_.floats()[output] = ReadRowAsInt8(weights, row, scratch, values.data());
  auto* const to = static_cast<std::int8_t*>(panels_.data());
  std::int32_t sum = 0;
  EachInput(output, [&](std::size_t k, std::size_t at) {
    to[at] = values[k];
    sum += values[k];
  });
  static_cast<std::int32_t*>(sums_.data())[output] = sum;
}

}  // namespace radie::kernels
