// Weights packed into panels; panels.h has the layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/panel_layout.h"
#include "libradie/base/weight_memory.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {

class PackedPanels final : public PackedLinear {
 public:
  // The layout of panels of `width` outputs of a type; `quad_limit` is of int8 alone.
  static PanelLayout LayoutOf(std::size_t width, DType dtype, std::size_t quad_limit = 0);

  // Of matrices of equal width, stacked by rows and rounded to the layout's type, with their biases
  // [rows]. The pool's threads share the panels.
  PackedPanels(std::span<const WeightView> weights, std::span<const std::vector<float>> biases,
               const PanelLayout& layout, ThreadPool& pool, WeightMemory& memory);

  // Panels that were packed before: layout.Bytes(outputs, inputs) bytes, whatever is in them. They
  // are used where they are, and must outlive this, when they are 64-byte aligned; otherwise
  // copied to `memory`. Biases, scales and sums are to be set.
  PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout,
               const std::byte* panels, WeightMemory& memory);

  // Of outputs [first, first + size of the span).
  void SetBias(std::size_t first, std::span<const float> bias);
  void SetScales(std::size_t first, std::span<const float> scales);     // int8 only
  void SetSums(std::size_t first, std::span<const std::int32_t> sums);  // int8 only

  std::span<const std::byte> panels() const;
  std::span<const float> scales() const;       // an output; empty unless int8
  std::span<const std::int32_t> sums() const;  // an output; empty unless int8

  PanelMatrix matrix() const;

 private:
  void AllocateRows();
  // `space`: FillingBytes(), 64-byte aligned, of this call alone.
  void FillPanel(std::size_t panel, std::span<const WeightView> weights, std::byte* space);
  std::size_t FillingBytes() const;
  // Row `row` of a matrix, which is output `output` here, as elements of the panels' type: where it
  // lies, or in `to`. `scratch`: [inputs].
  const std::byte* RowInType(std::size_t output, const WeightView& weights, std::size_t row,
                             std::span<float> scratch, std::byte* to);
  std::int32_t* own_sums() const { return static_cast<std::int32_t*>(sums_.data()); }

  PanelLayout layout_;
  std::size_t depth_;
  WeightMemory::Block own_;  // null where the panels are another's
  const std::byte* panels_;  // in own_, or another's
  AlignedBuffer bias_, scales_, sums_;
};

}  // namespace radie::kernels
