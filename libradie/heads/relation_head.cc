#include "libradie/heads/relation_head.h"

#include <cmath>
#include <optional>

#include "libradie/nn/layer_norm.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

constexpr std::size_t kMaxInner = 65'536;

// What the heads are made of.
struct Parts {
  WeightSource& weights;
  const std::string scope;  // "relations.classifier."
  const RelationsConfig& config;
  const kernels::KernelSet& kernels;

  std::size_t Outputs(const std::string& layer) const {
    return weights.Outputs(scope + layer, kMaxInner);
  }
  Linear Layer(const std::string& layer, std::size_t outputs, std::size_t inputs) const {
    return {weights, scope + layer, outputs, inputs, {kernels, {}, Arithmetic::Inputs::kFloats}};
  }
};

// out_proj(activation(dense(x))).
class MlpHead final : public RelationHead {
 public:
  explicit MlpHead(const Parts& parts)
      : activation_(parts.config.head_activation),
        dense_(parts.Layer("dense", parts.Outputs("dense"), parts.config.PooledSize())),
        out_proj_(parts.Layer("out_proj", parts.config.labels.size(), dense_.outputs())) {}

  void Forward(ConstMatrixView pooled, MatrixView logits) const override {
    Tensor inner(pooled.rows, dense_.outputs());
    dense_.Forward(pooled, activation_, inner.view());
    out_proj_.Forward(inner.view(), Activation::kNone, logits);
  }

 private:
  const Activation activation_;
  const Linear dense_, out_proj_;
};

// out_proj(LayerNorm(x)), or without the norm.
class LinearHead final : public RelationHead {
 public:
  explicit LinearHead(const Parts& parts)
      : kernels_(parts.kernels),
        out_proj_(parts.Layer("out_proj", parts.config.labels.size(), parts.config.PooledSize())) {
    if (const std::optional<float> eps = parts.config.head_layer_norm_eps) {
      norm_.emplace(parts.weights, parts.scope + "layer_norm", parts.config.PooledSize(), *eps);
    }
  }

  void Forward(ConstMatrixView pooled, MatrixView logits) const override {
    if (!norm_) return out_proj_.Forward(pooled, Activation::kNone, logits);
    Tensor normal(pooled.rows, pooled.cols);
    norm_->Forward(kernels_, pooled, {}, normal.view());
    out_proj_.Forward(normal.view(), Activation::kNone, logits);
  }

 private:
  const kernels::KernelSet& kernels_;
  const Linear out_proj_;
  std::optional<LayerNorm> norm_;
};

// out_proj([cls(tanh c); entity(tanh h); entity(tanh t)]) of x = [c; h; t].
class RBertHead final : public RelationHead {
 public:
  explicit RBertHead(const Parts& parts)
      : hidden_(parts.config.encoder.hidden_size),
        cls_(parts.Layer("cls", parts.Outputs("cls"), hidden_)),
        entity_(parts.Layer("entity", parts.Outputs("entity"), hidden_)),
        out_proj_(parts.Layer("out_proj", parts.config.labels.size(),
                              cls_.outputs() + 2 * entity_.outputs())) {}

  void Forward(ConstMatrixView pooled, MatrixView logits) const override {
    Tensor squashed(pooled.rows, pooled.cols);
    for (std::size_t p = 0; p < pooled.rows; ++p) {
      const float* from = pooled.row(p);
      float* to = squashed.view().row(p);
      for (std::size_t i = 0; i < pooled.cols; ++i) to[i] = std::tanh(from[i]);
    }
    Tensor inner(pooled.rows, out_proj_.inputs());
    const ConstMatrixView x = squashed.view();
    const std::size_t c = cls_.outputs(), e = entity_.outputs();
    cls_.Forward(x.Cols(0, hidden_), Activation::kNone, inner.view().Cols(0, c));
    entity_.Forward(x.Cols(hidden_, 2 * hidden_), Activation::kNone, inner.view().Cols(c, c + e));
    entity_.Forward(x.Cols(2 * hidden_, 3 * hidden_), Activation::kNone,
                    inner.view().Cols(c + e, c + 2 * e));
    out_proj_.Forward(inner.view(), Activation::kNone, logits);
  }

 private:
  const std::size_t hidden_;
  const Linear cls_, entity_, out_proj_;
};

}  // namespace

std::unique_ptr<const RelationHead> MakeRelationHead(WeightSource& weights,
                                                     const std::string& scope,
                                                     const RelationsConfig& config,
                                                     const kernels::KernelSet& kernels) {
  const Parts parts = {weights, scope + "classifier.", config, kernels};
  switch (config.head) {
    case RelationsConfig::Head::kMlp:
      break;
    case RelationsConfig::Head::kLinear:
      return std::make_unique<const LinearHead>(parts);
    case RelationsConfig::Head::kRBert:
      return std::make_unique<const RBertHead>(parts);
  }
  return std::make_unique<const MlpHead>(parts);
}

}  // namespace radie
