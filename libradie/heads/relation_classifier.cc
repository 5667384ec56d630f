#include "libradie/heads/relation_classifier.h"

#include <algorithm>
#include <cmath>

#include "libradie/nn/linear.h"

namespace radie {
namespace {

constexpr std::size_t kMaxInner = 65'536;

void MeanRow(ConstMatrixView states, const std::array<std::size_t, 2>& rows, float* mean) {
  const float *first = states.row(rows[0]), *second = states.row(rows[1]);
  for (std::size_t i = 0; i < states.cols; ++i) mean[i] = (first[i] + second[i]) / 2;
}

}  // namespace

class RelationClassifier::Impl {
 public:
  Impl(WeightSource& weights, const std::string& scope, const RelationsConfig& config,
       const kernels::KernelSet& kernels)
      : pooled_size_(config.PooledSize()),
        pooling_(config.pooling),
        combine_(config.combine),
        inner_(weights.Rows(scope + "classifier.dense.weight", kMaxInner)),
        labels_(config.labels.size()),
        dense_(weights, scope + "classifier.dense", inner_, pooled_size_,
               {kernels, {}, Arithmetic::Inputs::kFloats}),
        out_proj_(weights, scope + "classifier.out_proj", labels_, inner_,
                  {kernels, {}, Arithmetic::Inputs::kFloats}) {}

  Tensor Pool(ConstMatrixView states, const std::vector<PairRows>& pairs) const {
    Tensor pooled(pairs.size(), pooled_size_);
    std::vector<float> tail(states.cols);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      float* row = pooled.view().row(p);
      MeanRow(states, pairs[p].head, row);
      if (pooling_ == RelationsConfig::Pooling::kCls) continue;
      MeanRow(states, pairs[p].tail, tail.data());
      Combine(tail, row);
    }
    return pooled;
  }

  Tensor Logits(ConstMatrixView pooled) const {
    Tensor logits(pooled.rows, labels_);
    if (pooled.rows == 0) return logits;
    Tensor inner(pooled.rows, inner_);
    dense_.Forward(pooled, Activation::kTanh, inner.view());
    out_proj_.Forward(inner.view(), Activation::kNone, logits.view());
    return logits;
  }

 private:
  // row: the head's vector, to be followed by or joined with the tail's.
  void Combine(const std::vector<float>& tail, float* row) const {
    const std::size_t hidden = tail.size();
    if (combine_ == RelationsConfig::Combine::kMean) {
      for (std::size_t i = 0; i < hidden; ++i) row[i] = (row[i] + tail[i]) / 2;
      return;
    }
    std::copy(tail.begin(), tail.end(), row + hidden);
    if (combine_ == RelationsConfig::Combine::kConcatProduct) {
      for (std::size_t i = 0; i < hidden; ++i) row[2 * hidden + i] = row[i] * tail[i];
    }
  }

  const std::size_t pooled_size_;
  const RelationsConfig::Pooling pooling_;
  const RelationsConfig::Combine combine_;
  const std::size_t inner_, labels_;
  const Linear dense_, out_proj_;
};

RelationClassifier::RelationClassifier(WeightSource& weights, const std::string& scope,
                                       const RelationsConfig& config,
                                       const kernels::KernelSet& kernels)
    : impl_(std::make_unique<const Impl>(weights, scope, config, kernels)) {}
RelationClassifier::~RelationClassifier() = default;
RelationClassifier::RelationClassifier(RelationClassifier&&) noexcept = default;

Tensor RelationClassifier::Pool(ConstMatrixView states, const std::vector<PairRows>& pairs) const {
  return impl_->Pool(states, pairs);
}

Tensor RelationClassifier::Logits(ConstMatrixView pooled) const { return impl_->Logits(pooled); }

RelationScore RelationClassifier::Decide(const float* logits, const std::vector<bool>& allowed,
                                         double temperature) {
  std::size_t best = allowed.size();
  for (std::size_t label = 0; label < allowed.size(); ++label) {
    if (!allowed[label]) continue;
    if (best == allowed.size() || logits[label] > logits[best]) best = label;
  }
  double sum = 0;  // of exp((logit − the largest) / temperature)
  for (std::size_t label = 0; label < allowed.size(); ++label) {
    if (allowed[label])
      sum += std::exp((double(logits[label]) - double(logits[best])) / temperature);
  }
  return {best, 1.0 / sum};
}

}  // namespace radie
