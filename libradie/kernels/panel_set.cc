#include "libradie/kernels/panel_set.h"

#include <cstddef>

#include "libradie/kernels/packed_panels.h"

namespace radie::kernels {

const ReducedKernels* PanelSet::Reduced(DType dtype) const {
  return dtype == DType::kBF16 ? bf16_ : dtype == DType::kI8 ? int8_ : split_;
}

bool PanelSet::Supports(DType dtype, std::size_t inputs) const {
  if (dtype == DType::kF32 || dtype == DType::kF16) return true;
  return Reduced(dtype) != nullptr && (dtype != DType::kI8 || inputs <= kMaxInt8Inputs);
}

std::optional<PanelLayout> PanelSet::LayoutOf(DType dtype) const {
  if (!Supports(dtype, 0)) return std::nullopt;
  const ReducedKernels* reduced = Reduced(dtype);
  if (reduced == nullptr) return PackedPanels::LayoutOf(floats_.width, dtype);
  return PackedPanels::LayoutOf(reduced->width, dtype, reduced->quad_limit);
}

std::unique_ptr<const PackedLinear> PanelSet::Pack(std::span<const WeightView> weights,
                                                   std::span<const std::vector<float>> biases,
                                                   DType dtype, ThreadPool& pool,
                                                   WeightMemory& memory) const {
  return std::make_unique<PackedPanels>(weights, biases, *LayoutOf(dtype), pool, memory);
}

std::size_t PanelSet::PreparedBytes(DType dtype, std::size_t cols) const {
  const ReducedKernels* reduced = Reduced(dtype);
  if (reduced == nullptr) return 0;
  const std::size_t header = dtype == DType::kI8 ? 1 : 0, element = dtype == DType::kI8 ? 1 : 2;
  const std::size_t pieces = reduced == split_ ? kSplitPieces : 1;
  const std::size_t lines = header + pieces * ((cols * element + kCacheLine - 1) / kCacheLine);
  return (lines | 1) * kCacheLine;  // odd, so that the rows of a tile spread over the cache's sets
}

void PanelSet::Prepare(DType dtype, ConstMatrixView x, void* to) const {
  Reduced(dtype)->prepare(x, static_cast<std::byte*>(to), PreparedBytes(dtype, x.cols));
}

void PanelSet::LinearColumns(const PackedLinear& weights, const Operand& x, Activation activation,
                             MatrixView y, ColumnRange columns) const {
  const PanelMatrix matrix = static_cast<const PackedPanels&>(weights).matrix();
  const ReducedKernels* reduced = Reduced(matrix.dtype);
  const auto linear = x.prepared ? reduced->linear : floats_.linear;
  linear(matrix, x, activation, y, columns);
}

std::size_t PanelSet::AttentionBytes(DType products, std::size_t keys, std::size_t own,
                                     std::size_t head_size) const {
  const auto bytes = products == DType::kBF16 ? bf16_->attention_bytes : floats_.attention_bytes;
  return bytes(keys, own, head_size);
}

void PanelSet::Attention(const AttentionArgs& args, std::size_t query_begin,
                         std::size_t query_end) const {
  const auto attention = args.products == DType::kBF16 ? bf16_->attention : floats_.attention;
  attention(args, query_begin, query_end);
}

void PanelSet::AttendGroups(const GroupAttentionArgs& args, std::size_t begin,
                            std::size_t end) const {
  const bool short_products = args.all.products == DType::kBF16;
  const auto attend = short_products ? bf16_->attend_groups : floats_.attend_groups;
  attend(args, begin, end);
}

void PanelSet::AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                            const float* beta, float eps, MatrixView y) const {
  floats_.add_layer_norm({x, residual, gamma, beta, eps, y});
}

}  // namespace radie::kernels
