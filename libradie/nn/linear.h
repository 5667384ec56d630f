// A linear layer: packed weights, found by scope and name.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "libradie/base/activation.h"
#include "libradie/base/dtype.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/matrix_view.h"
#include "libradie/model/weights.h"

namespace radie {

// How products compute, and on which kernels.
struct Arithmetic {
  enum class Inputs {
    kAny,
    kFloats,  // fp32 rows as they are, whatever `precision` says: for the heads, which are small
              // and all accuracy
  };

  // As the weights are stored, or in fp32 where the kernel set has no such products.
  // NOLINTNEXTLINE(google-explicit-constructor): a kernel set alone means fp32
  Arithmetic(const kernels::KernelSet& set) : kernels(set) {}
  Arithmetic(const kernels::KernelSet& set, std::optional<DType> precision_,
             Inputs inputs_ = Inputs::kAny)
      : kernels(set), precision(precision_), inputs(inputs_) {}

  const kernels::KernelSet& kernels;
  std::optional<DType> precision;
  Inputs inputs = Inputs::kAny;
};

// Immutable and thread-safe. Keeps nothing of the WeightSource; of a packed file it goes on using
// the panels where they are (stored_panels.h).
class Linear {
 public:
  // Finds scope + ".weight" [outputs, inputs], for int8 also scope + ".weight_scale" [outputs], and
  // scope + ".bias" [outputs] (scope e.g. "entities.classifier"). Throws Error(kInvalidModel), and
  // Error(kInvalidArgument) for a precision that the kernel set lacks or the weights exceed.
  Linear(WeightSource& weights, const std::string& scope, std::size_t outputs, std::size_t inputs,
         const Arithmetic& arithmetic);

  // Several layers with the same input as one: outputs of scopes[0] first, `outputs` from each.
  Linear(WeightSource& weights, std::span<const std::string> scopes, std::size_t outputs,
         std::size_t inputs, const Arithmetic& arithmetic);

  // y = activation(x W^T + b). x: [n, inputs()], y: [n, outputs()]; they do not overlap. A row's
  // bits depend on that row alone, on every kernel set. Only where prepared_bytes() is 0, as with
  // Arithmetic::Inputs::kFloats.
  void Forward(ConstMatrixView x, Activation activation, MatrixView y) const;

  std::size_t inputs() const { return packed_->inputs(); }
  std::size_t outputs() const { return packed_->outputs(); }

  // Of a row of inputs in the form that this layer reads; 0 where it reads fp32 as it is.
  std::size_t prepared_bytes() const {
    return floats_ ? 0 : kernels_->PreparedBytes(packed_->dtype(), packed_->inputs());
  }
  void Prepare(ConstMatrixView x, void* to) const { kernels_->Prepare(packed_->dtype(), x, to); }

  // For callers that cut the product into tasks themselves, under the contract of kernels.h.
  const kernels::PackedLinear& packed() const { return *packed_; }

 private:
  const kernels::KernelSet* kernels_;
  bool floats_;  // Inputs::kFloats: rows are read as they are
  std::unique_ptr<const kernels::PackedLinear> packed_;
};

// The weights of such layers as `kernels` reads them in `dtype`, of a file that is not packed.
// Throws as the constructor does.
std::unique_ptr<const kernels::PackedLinear> PackLayers(WeightSource& weights,
                                                        const LayerNote& layers,
                                                        const kernels::KernelSet& kernels);

}  // namespace radie
