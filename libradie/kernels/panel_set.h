// A KernelSet made of one ISA's PanelKernels.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {

class PanelSet final : public KernelSet {
 public:
  constexpr PanelSet(std::string_view name, const PanelKernels& kernels)
      : name_(name), kernels_(kernels) {}

  std::string_view name() const override { return name_; }
  bool rows_independent() const override { return true; }
  std::unique_ptr<const PackedLinear> Pack(
      std::span<const WeightView> weights,
      std::span<const std::vector<float>> biases) const override;
  void LinearColumns(const PackedLinear& weights, ConstMatrixView x, Activation activation,
                     MatrixView y, ColumnRange columns) const override;
  void Attention(const AttentionArgs& args, std::size_t query_begin,
                 std::size_t query_end) const override;
  void AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                    const float* beta, float eps, MatrixView y) const override;

 private:
  std::string_view name_;
  const PanelKernels& kernels_;
};

}  // namespace radie::kernels
