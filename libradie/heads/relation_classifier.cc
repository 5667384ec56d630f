#include "libradie/heads/relation_classifier.h"

#include <algorithm>
#include <cmath>

#include "libradie/heads/relation_head.h"

namespace radie {
namespace {

void MeanRow(ConstMatrixView states, const std::array<std::size_t, 2>& rows, float* mean) {
  const float *first = states.row(rows[0]), *second = states.row(rows[1]);
  for (std::size_t i = 0; i < states.cols; ++i) mean[i] = (first[i] + second[i]) / 2;
}

// Of all rows from the first to the last, added up in their order.
void MeanOfRange(ConstMatrixView states, const std::array<std::size_t, 2>& rows, float* mean) {
  std::copy_n(states.row(rows[0]), states.cols, mean);
  for (std::size_t r = rows[0] + 1; r <= rows[1]; ++r) {
    const float* row = states.row(r);
    for (std::size_t i = 0; i < states.cols; ++i) mean[i] += row[i];
  }
  const auto count = static_cast<float>(rows[1] - rows[0] + 1);
  for (std::size_t i = 0; i < states.cols; ++i) mean[i] /= count;
}

}  // namespace

class RelationClassifier::Impl {
 public:
  Impl(WeightSource& weights, const std::string& scope, const RelationsConfig& config,
       const kernels::KernelSet& kernels)
      : pooled_size_(config.PooledSize()),
        cls_alone_(config.pooling == RelationsConfig::Pooling::kCls),
        reads_cls_(config.ReadsCls()),
        averages_rows_(config.AveragesRows()),
        combine_(config.combine),
        labels_(config.labels.size()),
        head_(MakeRelationHead(weights, scope, config, kernels)) {}

  Tensor Pool(ConstMatrixView states, const std::vector<PairRows>& pairs) const {
    Tensor pooled(pairs.size(), pooled_size_);
    std::vector<float> tail(states.cols);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      float* row = pooled.view().row(p);
      if (reads_cls_) row = std::copy_n(states.row(0), states.cols, row);
      Mention(states, pairs[p].head, row);
      if (cls_alone_) continue;
      Mention(states, pairs[p].tail, tail.data());
      Combine(tail, row);
    }
    return pooled;
  }

  Tensor Logits(ConstMatrixView pooled) const {
    Tensor logits(pooled.rows, labels_);
    if (pooled.rows > 0) head_->Forward(pooled, logits.view());
    return logits;
  }

 private:
  void Mention(ConstMatrixView states, const std::array<std::size_t, 2>& rows, float* mean) const {
    averages_rows_ ? MeanOfRange(states, rows, mean) : MeanRow(states, rows, mean);
  }

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
  const bool cls_alone_, reads_cls_, averages_rows_;
  const RelationsConfig::Combine combine_;
  const std::size_t labels_;
  const std::unique_ptr<const RelationHead> head_;
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
