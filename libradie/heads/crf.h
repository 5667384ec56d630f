// Linear-chain CRF. Scores are in the log domain throughout.
//
// For emissions e [n, L], start a [L], end b [L], transitions T [from, to], a path y has score
//   s(y) = a[y0] + Σ_i e[i, y_i] + Σ_{i>0} T[y_{i-1}, y_i] + b[y_{n-1}].
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "libradie/kernels/matrix_view.h"

namespace radie {

// Which steps a decoder may take; all allowed when empty.
struct TagConstraints {
  std::vector<bool> start;  // [L]
  std::vector<bool> step;   // [from * L + to]
};

class Crf {
 public:
  // start, end: [L]; transitions: [L * L], from-major. A softmax head is a Crf with all scores 0.
  Crf(std::vector<float> start, std::vector<float> end, std::vector<float> transitions);

  std::size_t labels() const { return start_.size(); }

  // The best path; the smallest label wins a tie at each step, as in pytorch-crf. emissions: [n, L]; n ≥ 0.
  std::vector<std::size_t> Decode(ConstMatrixView emissions, const TagConstraints& constraints = {}) const;

  // log Σ_y exp s(y) over the allowed paths.
  double LogPartition(ConstMatrixView emissions, const TagConstraints& constraints = {}) const;

  // P(y_begin … y_end-1 = tags | emissions) over the allowed paths: the probability of a stretch of the path. tags.size() ≥ 1.
  // `exclude_next`: labels that may not follow directly after the stretch (an entity ends there), or empty.
  // Computed for many stretches at once by CrfMarginals (below).

 private:
  friend class CrfMarginals;
  std::vector<float> start_, end_, transitions_;
};

// Forward and backward scores of one sequence, computed once; marginals of stretches in O(length).
class CrfMarginals {
 public:
  CrfMarginals(const Crf& crf, ConstMatrixView emissions, const TagConstraints& constraints = {});

  double log_partition() const { return log_partition_; }

  // Probability that the path reads `tags` from position `begin` on and, when the stretch ends before the sequence, goes on with a label l
  // for which may_follow[l] (all, when empty). In [0, 1].
  double Probability(std::size_t begin, std::span<const std::size_t> tags, const std::vector<bool>& may_follow = {}) const;

 private:
  const Crf& crf_;
  ConstMatrixView emissions_;
  TagConstraints constraints_;
  std::vector<double> forward_, backward_;  // [n * L], log domain
  double log_partition_ = 0;
};

}  // namespace radie
