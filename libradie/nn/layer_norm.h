// LayerNorm's parameters, found by scope.
#pragma once

#include <string>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "libradie/model/weights.h"

namespace radie {

// Immutable and thread-safe.
class LayerNorm {
 public:
  // Finds scope + ".weight" and scope + ".bias", [size] each. Throws Error(kInvalidModel).
  LayerNorm(WeightSource& weights, const std::string& scope, std::size_t size, float eps)
      : gamma_(weights.GetFloats(scope + ".weight", {size})),
        beta_(weights.GetFloats(scope + ".bias", {size})),
        eps_(eps) {}

  // y = LayerNorm(x + residual), row by row; see KernelSet::AddLayerNorm.
  void Forward(const kernels::KernelSet& kernels, ConstMatrixView x, ConstMatrixView residual,
               MatrixView y) const {
    kernels.AddLayerNorm(x, residual, gamma_.data(), beta_.data(), eps_, y);
  }

 private:
  std::vector<float> gamma_, beta_;
  float eps_;
};

}  // namespace radie
