// Weights packed into panels; panels.h has the layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/panel_layout.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {

class PackedPanels final : public PackedLinear {
 public:
  // The layout of panels of `width` outputs of a type; `quad_limit` is of int8 alone.
  static PanelLayout LayoutOf(std::size_t width, DType dtype, std::size_t quad_limit = 0);

  // All zeros, to be filled.
  PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout);

  // Panels that were packed before: layout.Bytes(outputs, inputs) bytes, whatever is in them. They
  // are used where they are, and must outlive this, when they are 64-byte aligned; otherwise
  // copied. Biases, scales and sums are to be set.
  PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout,
               const std::byte* panels);

  // Puts the matrix at outputs [first, first + weights.rows), rounded to this type. Only of panels
  // that are this object's own.
  void Fill(std::size_t first, const WeightView& weights, const std::vector<float>& bias);

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
  // Calls put(input, byte offset in panels_) for each input of an output, in order.
  template <typename Put>
  void EachInput(std::size_t output, const Put& put) const;
  void FillRow(std::size_t output, const WeightView& weights, std::size_t row,
               std::span<float> scratch);
  void FillInt8Row(std::size_t output, const WeightView& weights, std::size_t row,
                   std::span<float> scratch, std::span<std::int8_t> values);
  std::int32_t* own_sums() const { return static_cast<std::int32_t*>(sums_.data()); }

  PanelLayout layout_;
  std::size_t depth_;
  AlignedBuffer own_;        // empty where the panels are another's
  const std::byte* panels_;  // in own_, or another's
  AlignedBuffer bias_, scales_, sums_;
};

}  // namespace radie::kernels
