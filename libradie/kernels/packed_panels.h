// Weights packed into panels; panels.h has the layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {

class PackedPanels final : public PackedLinear {
 public:
  PackedPanels(std::size_t inputs, std::size_t outputs, std::size_t width, DType dtype);

  // Puts the matrix at outputs [first, first + weights.rows), rounded to this type.
  void Fill(std::size_t first, const WeightView& weights, const std::vector<float>& bias);

  PanelMatrix matrix() const;

 private:
  // Calls put(input, byte offset in panels_) for each input of an output, in order.
  template <typename Put>
  void EachInput(std::size_t output, const Put& put) const;
  void FillRow(std::size_t output, const WeightView& weights, std::size_t row,
               std::span<float> scratch);
  void FillInt8Row(std::size_t output, const WeightView& weights, std::size_t row,
                   std::span<float> scratch, std::span<std::int8_t> values);

  std::size_t width_, group_, depth_;
  AlignedBuffer panels_, bias_, scales_, sums_;
};

}  // namespace radie::kernels
