// The kernel set for every machine: Eigen's products and plain loops.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libradie/kernels/kernels.h"

namespace radie::kernels {

// Eigen chooses its blocking, and with it the order of a sum, by the number of rows: so rows are
// not independent. The position of a matrix in memory has no influence.
class PortableSet : public KernelSet {
 public:
  std::string_view name() const override { return "portable"; }
  bool rows_independent() const override { return false; }
  bool SupportsBf16Attention() const override { return false; }
  // fp16 weights are widened once.
  bool Supports(DType dtype, std::size_t) const override {
    return dtype == DType::kF32 || dtype == DType::kF16;
  }
  std::optional<PanelLayout> LayoutOf(DType) const override { return std::nullopt; }
  using KernelSet::Pack;
  std::unique_ptr<const PackedLinear> Pack(std::span<const WeightView> weights,
                                           std::span<const std::vector<float>> biases, DType dtype,
                                           ThreadPool& pool, WeightMemory& memory) const override;
  std::size_t PreparedBytes(DType, std::size_t) const override { return 0; }
  void Prepare(DType, ConstMatrixView, void*) const override {}
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
  FmaLoop fma_loop() const override;

 protected:
  // y = x W^T. weights: [y.cols, x.cols].
  virtual void Multiply(ConstMatrixView x, ConstMatrixView weights, MatrixView y) const;
};

#if defined(RADIE_HAVE_OPENBLAS)
// The portable set with OpenBLAS's products, one at a time: a single-threaded OpenBLAS built
// without USE_LOCKING, as Debian's is, hands the same buffer to two callers at once and then
// returns wrong sums. So it is a reference to compare with, not a choice for many threads.
class OpenBlasSet final : public PortableSet {
 public:
  std::string_view name() const override { return "openblas"; }
  FmaLoop fma_loop() const override;  // OpenBLAS takes the best instructions there are: so the best

 protected:
  void Multiply(ConstMatrixView x, ConstMatrixView weights, MatrixView y) const override;

 private:
  mutable std::mutex mutex_;
};
#endif

}  // namespace radie::kernels
