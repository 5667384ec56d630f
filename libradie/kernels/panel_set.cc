#include "libradie/kernels/panel_set.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/half.h"

namespace radie::kernels {
namespace {

class PackedPanels final : public PackedLinear {
 public:
  // `half`: panels hold fp16.
  PackedPanels(std::size_t inputs, std::size_t outputs, std::size_t width, bool half)
      : PackedLinear(inputs, outputs), width_(width), half_(half) {
    const std::size_t padded = (outputs + width - 1) / width * width;
    panels_ = AlignedBuffer(padded * inputs * ElementSize());
    bias_ = AlignedBuffer(padded * sizeof(float));
  }

  // Puts the matrix at outputs [first, first + weights.rows).
  void Fill(std::size_t first, const WeightView& weights, const std::vector<float>& bias) {
    for (std::size_t row = 0; row < weights.rows; ++row) FillRow(first + row, weights, row);
    std::copy(bias.begin(), bias.end(), bias_.floats() + first);
  }

  PanelMatrix matrix() const {
    return {panels_.data(), bias_.floats(), inputs(), outputs(), half_};
  }

 private:
  std::size_t ElementSize() const { return half_ ? 2 : 4; }

  void FillRow(std::size_t output, const WeightView& weights, std::size_t row) {
    const std::size_t element = weights.half ? 2 : 4;
    const auto* from = static_cast<const std::byte*>(weights.data) + row * weights.cols * element;
    std::size_t at = output / width_ * width_ * inputs() + output % width_;
    for (std::size_t k = 0; k < weights.cols; ++k, at += width_) {
      if (half_) {
        std::memcpy(static_cast<std::byte*>(panels_.data()) + at * 2, from + k * 2, 2);
      } else {
        panels_.floats()[at] = Read(from + k * element, weights.half);
      }
    }
  }

  static float Read(const std::byte* from, bool half) {
    if (half) {
      std::uint16_t bits;
      std::memcpy(&bits, from, sizeof(bits));
      return WidenHalf(bits);
    }
    float value;
    std::memcpy(&value, from, sizeof(value));
    return value;
  }

  std::size_t width_;
  bool half_;
  AlignedBuffer panels_, bias_;
};

}  // namespace

std::unique_ptr<const PackedLinear> PanelSet::Pack(
    std::span<const WeightView> weights, std::span<const std::vector<float>> biases) const {
  std::size_t outputs = 0;
  bool half = true;
  for (const WeightView& view : weights) {
    outputs += view.rows;
    half = half && view.half;
  }
  auto packed = std::make_unique<PackedPanels>(weights[0].cols, outputs, kernels_.width, half);
  std::size_t first = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    packed->Fill(first, weights[i], biases[i]);
    first += weights[i].rows;
  }
  return packed;
}

void PanelSet::LinearColumns(const PackedLinear& weights, ConstMatrixView x, Activation activation,
                             MatrixView y, ColumnRange columns) const {
  kernels_.linear(static_cast<const PackedPanels&>(weights).matrix(), x, activation, y, columns);
}

void PanelSet::Attention(const AttentionArgs& args, std::size_t query_begin,
                         std::size_t query_end) const {
  kernels_.attention(args, query_begin, query_end);
}

void PanelSet::AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                            const float* beta, float eps, MatrixView y) const {
  kernels_.add_layer_norm({x, residual, gamma, beta, eps, y});
}

}  // namespace radie::kernels
