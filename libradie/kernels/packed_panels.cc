#include "libradie/kernels/packed_panels.h"

#include <algorithm>
#include <cstring>

#include "libradie/base/half.h"
#include "libradie/kernels/weight_rows.h"

namespace radie::kernels {
namespace {

std::size_t GroupOf(DType dtype) { return dtype == DType::kI8 ? 4 : dtype == DType::kBF16 ? 2 : 1; }

bool IsAligned(const std::byte* bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes) % kCacheLine == 0;
}

}  // namespace

PanelLayout PackedPanels::LayoutOf(std::size_t width, DType dtype, std::size_t quad_limit) {
  const std::size_t group = GroupOf(dtype);
  return {dtype, width, group, group == 1 ? 1 : kCacheLine / ElementBytes(dtype), quad_limit};
}

PackedPanels::PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout)
    : PackedLinear(inputs, outputs, layout.dtype),
      layout_(layout),
      depth_(layout.Depth(inputs)),
      own_(layout.Bytes(outputs, inputs)),
      panels_(static_cast<const std::byte*>(own_.data())) {
  AllocateRows();
}

PackedPanels::PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout,
                           const std::byte* panels)
    : PackedLinear(inputs, outputs, layout.dtype),
      layout_(layout),
      depth_(layout.Depth(inputs)),
      panels_(panels) {
  if (!IsAligned(panels)) {
    const std::size_t bytes = layout.Bytes(outputs, inputs);
    own_ = AlignedBuffer(bytes);
    if (bytes != 0) std::memcpy(own_.data(), panels, bytes);
    panels_ = static_cast<const std::byte*>(own_.data());
  }
  AllocateRows();
}

void PackedPanels::AllocateRows() {
  const std::size_t padded = layout_.Panels(outputs()) * layout_.width;
  bias_ = AlignedBuffer(padded * sizeof(float));
  if (dtype() == DType::kI8) {
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
  SetBias(first, bias);
}

void PackedPanels::SetBias(std::size_t first, std::span<const float> bias) {
  std::copy(bias.begin(), bias.end(), bias_.floats() + first);
}

void PackedPanels::SetScales(std::size_t first, std::span<const float> scales) {
  std::copy(scales.begin(), scales.end(), scales_.floats() + first);
}

void PackedPanels::SetSums(std::size_t first, std::span<const std::int32_t> sums) {
  std::copy(sums.begin(), sums.end(), own_sums() + first);
}

std::span<const std::byte> PackedPanels::panels() const {
  return {panels_, layout_.Bytes(outputs(), inputs())};
}

std::span<const float> PackedPanels::scales() const {
  return {scales_.floats(), dtype() == DType::kI8 ? outputs() : 0};
}

std::span<const std::int32_t> PackedPanels::sums() const {
  return {own_sums(), dtype() == DType::kI8 ? outputs() : 0};
}

PanelMatrix PackedPanels::matrix() const {
  return {panels_,  bias_.floats(), scales_.floats(), own_sums(),
          inputs(), outputs(),      depth_,           dtype()};
}

template <typename Put>
void PackedPanels::EachInput(std::size_t output, const Put& put) const {
  const std::size_t element = ElementBytes(dtype()), width = layout_.width, group = layout_.group;
  const std::size_t start =
      output / width * width * depth_ + output % width * group;  // in elements
  for (std::size_t k = 0; k < inputs(); ++k) {
    put(k, (start + k / group * width * group + k % group) * element);
  }
}

void PackedPanels::FillRow(std::size_t output, const WeightView& weights, std::size_t row,
                           std::span<float> scratch) {
  auto* const to = static_cast<std::byte*>(own_.data());
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
  scales_.floats()[output] =
      ReadRowAsInt8(weights, row, layout_.quad_limit, scratch, values.data());
  auto* const to = static_cast<std::int8_t*>(own_.data());
  std::int32_t sum = 0;
  EachInput(output, [&](std::size_t k, std::size_t at) {
    to[at] = values[k];
    sum += values[k];
  });
  own_sums()[output] = sum;
}

}  // namespace radie::kernels
