#include "libradie/nn/linear.h"

#include <vector>

namespace radie {

Linear::Linear(WeightSource& weights, const std::string& scope, std::size_t outputs,
               std::size_t inputs, const kernels::KernelSet& kernels)
    : Linear(weights, std::span(&scope, 1), outputs, inputs, kernels) {}

Linear::Linear(WeightSource& weights, std::span<const std::string> scopes, std::size_t outputs,
               std::size_t inputs, const kernels::KernelSet& kernels)
    : kernels_(&kernels) {
  std::vector<kernels::WeightView> matrices;
  std::vector<std::vector<float>> biases;
  for (const std::string& scope : scopes) {
    const TensorEntry& matrix = weights.Get(scope + ".weight", {outputs, inputs});
    matrices.push_back({matrix.data, outputs, inputs, matrix.dtype == DType::kF16});
    biases.push_back(weights.GetFloats(scope + ".bias", {outputs}));
  }
  packed_ = kernels.Pack(matrices, biases);
}

void Linear::Forward(ConstMatrixView x, Activation activation, MatrixView y) const {
  if (kernels_->rows_independent()) {
    kernels_->Linear(*packed_, x, activation, y);
    return;
  }
  for (std::size_t r = 0; r < x.rows; ++r) {
    kernels_->Linear(*packed_, x.Rows(r, r + 1), activation, y.Rows(r, r + 1));
  }
}

}  // namespace radie
