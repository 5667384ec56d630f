// A kernel set of plain loops, so that the heads are tested without the kernels room.
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "libradie/model/weights.h"

namespace radie::testing {

class NaiveLinear final : public kernels::PackedLinear {
 public:
  NaiveLinear(const kernels::WeightView& weights, std::vector<float> bias)
      : PackedLinear(weights.cols, weights.rows), bias(std::move(bias)) {
    TensorEntry entry;
    entry.dtype = weights.half ? DType::kF16 : DType::kF32;
    entry.data = static_cast<const std::byte*>(weights.data);
    entry.bytes = weights.rows * weights.cols * (weights.half ? 2 : 4);
    matrix = ToFloats(entry);
  }
  std::vector<float> matrix, bias;
};

class NaiveKernels final : public kernels::KernelSet {
 public:
  std::string_view name() const override { return "naive"; }
  bool rows_independent() const override { return true; }
  std::unique_ptr<const kernels::PackedLinear> Pack(
      std::span<const kernels::WeightView> weights,
      std::span<const std::vector<float>> biases) const override {
    return std::make_unique<NaiveLinear>(weights.front(), biases.front());
  }
  void Linear(const kernels::PackedLinear& weights, ConstMatrixView x, Activation activation,
              MatrixView y) const override {
    const auto& layer = static_cast<const NaiveLinear&>(weights);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t o = 0; o < layer.outputs(); ++o) {
        double sum = layer.bias[o];
        for (std::size_t i = 0; i < layer.inputs(); ++i) {
          sum += double(layer.matrix[o * layer.inputs() + i]) * double(x.row(r)[i]);
        }
        y.row(r)[o] = static_cast<float>(activation == Activation::kTanh ? std::tanh(sum) : sum);
      }
    }
  }
  void Attention(const kernels::AttentionArgs&, std::size_t, std::size_t) const override {}
  void AddLayerNorm(ConstMatrixView, ConstMatrixView, const float*, const float*, float,
                    MatrixView) const override {}
};

}  // namespace radie::testing
