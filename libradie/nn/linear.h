// A linear layer: packed weights, found by scope and name.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "libradie/base/activation.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/matrix_view.h"
#include "libradie/model/weights.h"

namespace radie {

// Immutable and thread-safe. Keeps nothing of the WeightSource.
class Linear {
 public:
  // Finds scope + ".weight" [outputs, inputs] and scope + ".bias" [outputs] (scope e.g.
  // "entities.classifier"). Throws Error(kInvalidModel).
  Linear(WeightSource& weights, const std::string& scope, std::size_t outputs, std::size_t inputs,
         const kernels::KernelSet& kernels);

  // Several layers with the same input as one: outputs of scopes[0] first, `outputs` from each.
  Linear(WeightSource& weights, std::span<const std::string> scopes, std::size_t outputs,
         std::size_t inputs, const kernels::KernelSet& kernels);

  // y = activation(x W^T + b). x: [n, inputs()], y: [n, outputs()]; they do not overlap. A row's
  // bits depend on that row alone, on every kernel set.
  void Forward(ConstMatrixView x, Activation activation, MatrixView y) const;

  std::size_t inputs() const { return packed_->inputs(); }
  std::size_t outputs() const { return packed_->outputs(); }

  // For callers that cut the product into tasks themselves, under the contract of kernels.h.
  const kernels::PackedLinear& packed() const { return *packed_; }

 private:
  const kernels::KernelSet* kernels_;
  std::unique_ptr<const kernels::PackedLinear> packed_;
};

}  // namespace radie
