#include "libradie/nn/linear.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "libradie/base/half.h"
#include "libradie/model/quoted.h"
#include "libradie/nn/stored_panels.h"
#include "radie/error.h"

namespace radie {
namespace {

// A stored matrix and its bias.
struct Stored {
  Stored(WeightSource& weights, const std::string& scope, std::size_t outputs, std::size_t inputs)
      : matrix(weights.GetAny(scope + ".weight", {outputs, inputs})),
        bias(weights.GetFloats(scope + ".bias", {outputs})) {
    if (matrix.dtype == DType::kI8) scales = weights.GetFloats(scope + ".weight_scale", {outputs});
  }

  kernels::WeightView view() const {
    return {matrix.data, matrix.shape[0], matrix.shape[1], matrix.dtype, scales.data()};
  }

  const TensorEntry& matrix;
  std::vector<float> bias, scales;
};

DType StoredAs(const WeightSource& weights, std::span<const std::string> scopes) {
  const auto stored = [&](const std::string& scope) {
    return weights.Require(scope + ".weight").dtype;
  };
  for (const std::string& scope : scopes) {
    if (stored(scope) != stored(scopes[0])) return DType::kF32;
  }
  return stored(scopes[0]);
}

// The weights that the stored ones stand for.
std::vector<float> Widened(const Stored& layer) {
  if (layer.matrix.dtype != DType::kI8) return ToFloats(layer.matrix);
  const std::size_t columns = layer.matrix.shape[1];
  std::vector<float> values(layer.matrix.shape[0] * columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = layer.scales[i / columns] *
                static_cast<float>(static_cast<std::int8_t>(layer.matrix.data[i]));
  }
  return values;
}

// Whether every weight stays finite when it is rounded to `dtype`.
void RequireFits(const Stored& layer, DType dtype) {
  if (dtype == layer.matrix.dtype || dtype == DType::kF32 || dtype == DType::kI8) return;
  const float largest = dtype == DType::kF16 ? kLargestHalf : 3.38e38f;
  const std::vector<float> values = Widened(layer);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) <= largest) continue;
    throw Error(ErrorCode::kInvalidArgument, "LoadOptions.precision: element " + std::to_string(i) +
                                                 " of tensor " + Quoted(layer.matrix.name) +
                                                 " is too large for " +
                                                 std::string(DTypeName(dtype)));
  }
}

DType ChooseDType(const Arithmetic& arithmetic, DType stored, std::size_t inputs) {
  if (arithmetic.inputs == Arithmetic::Inputs::kFloats) {
    return stored == DType::kF16 ? DType::kF16 : DType::kF32;
  }
  if (!arithmetic.precision) {
    return arithmetic.kernels.Supports(stored, inputs) ? stored : DType::kF32;
  }
  if (!arithmetic.kernels.Supports(*arithmetic.precision, inputs)) {
    throw Error(ErrorCode::kInvalidArgument,
                "LoadOptions.precision: kernel set '" + std::string(arithmetic.kernels.name()) +
                    "' has no products of " + std::string(DTypeName(*arithmetic.precision)) +
                    " for " + std::to_string(inputs) + " inputs");
  }
  return *arithmetic.precision;
}

}  // namespace

Linear::Linear(WeightSource& weights, const std::string& scope, std::size_t outputs,
               std::size_t inputs, const Arithmetic& arithmetic)
    : Linear(weights, std::span(&scope, 1), outputs, inputs, arithmetic) {}

Linear::Linear(WeightSource& weights, std::span<const std::string> scopes, std::size_t outputs,
               std::size_t inputs, const Arithmetic& arithmetic)
    : kernels_(&arithmetic.kernels), floats_(arithmetic.inputs == Arithmetic::Inputs::kFloats) {
  if (weights.packed() != nullptr) {
    packed_ = ReadPanels(weights, scopes, outputs, inputs, arithmetic);
    return;
  }
  LayerNote layers = {{scopes.begin(), scopes.end()}, outputs, inputs, DType::kF32};
  layers.dtype = ChooseDType(arithmetic, StoredAs(weights, scopes), inputs);
  packed_ = PackLayers(weights, layers, *kernels_);
  weights.Note(std::move(layers));
}

std::unique_ptr<const kernels::PackedLinear> PackLayers(WeightSource& weights,
                                                        const LayerNote& layers,
                                                        const kernels::KernelSet& kernels) {
  std::vector<Stored> stored;
  stored.reserve(layers.scopes.size());
  for (const std::string& scope : layers.scopes) {
    stored.emplace_back(weights, scope, layers.outputs, layers.inputs);
  }
  std::vector<kernels::WeightView> matrices;
  std::vector<std::vector<float>> biases;
  for (Stored& layer : stored) {
    RequireFits(layer, layers.dtype);
    matrices.push_back(layer.view());
    biases.push_back(std::move(layer.bias));
  }
  auto packed = kernels.Pack(matrices, biases, layers.dtype, weights.pool(), weights.memory());
  for (const Stored& layer : stored) weights.Copied(layer.matrix);
  return packed;
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
