// A KernelSet made of tables of kernels. The tables may come from different ISAs: a machine with
// AVX-512 but no VNNI computes fp32 with the one and int8 with AVX2.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {

class PanelSet final : public KernelSet {
 public:
  // `bf16`: nullptr where there are no such products. `split`: products of fp32 and fp16 weights by
  // prepared rows, of the same panels as `floats`; nullptr where rows are read as they are.
  constexpr PanelSet(std::string_view name, const FloatKernels& floats, const ReducedKernels* bf16,
                     const ReducedKernels* int8, const ReducedKernels* split = nullptr)
      : name_(name), floats_(floats), bf16_(bf16), int8_(int8), split_(split) {}

  std::string_view name() const override { return name_; }
  bool rows_independent() const override { return true; }
  bool Supports(DType dtype, std::size_t inputs) const override;
  bool SupportsBf16Attention() const override {
    return bf16_ != nullptr && bf16_->attention != nullptr;
  }
  std::optional<PanelLayout> LayoutOf(DType dtype) const override;
  using KernelSet::Pack;
  std::unique_ptr<const PackedLinear> Pack(std::span<const WeightView> weights,
                                           std::span<const std::vector<float>> biases, DType dtype,
                                           ThreadPool& pool, WeightMemory& memory) const override;
  std::size_t PreparedBytes(DType dtype, std::size_t cols) const override;
  void Prepare(DType dtype, ConstMatrixView x, void* to) const override;
  void LinearColumns(const PackedLinear& weights, const Operand& x, Activation activation,
                     MatrixView y, ColumnRange columns) const override;
  std::size_t AttentionBytes(DType products, std::size_t keys, std::size_t own,
                             std::size_t head_size) const override;
  void Attention(const AttentionArgs& args, std::size_t query_begin,
                 std::size_t query_end) const override;
  void AttendGroups(const GroupAttentionArgs& args, std::size_t begin,
                    std::size_t end) const override;
  void AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                    const float* beta, float eps, MatrixView y) const override;
  FmaLoop fma_loop() const override { return floats_.fma_loop; }

 private:
  // Those whose rows are prepared; nullptr where there are none.
  const ReducedKernels* Reduced(DType dtype) const;

  std::string_view name_;
  const FloatKernels& floats_;
  const ReducedKernels* bf16_;
  const ReducedKernels* int8_;
  const ReducedKernels* split_;
};

}  // namespace radie::kernels
