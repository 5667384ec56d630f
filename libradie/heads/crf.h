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
  std::vector<bool> start;     // [L]
  std::vector<bool> step;      // [from * L + to]
  std::vector<bool> end = {};  // [L]

  bool AllowsStart(std::size_t label) const { return start.empty() || start[label]; }
  bool AllowsEnd(std::size_t label) const { return end.empty() || end[label]; }
  bool AllowsStep(std::size_t from, std::size_t to, std::size_t labels) const {
    return step.empty() || step[from * labels + to];
  }
};

// score / temperature, at most the largest float either way.
float CooledScore(float score, double temperature);

class Crf {
 public:
  // start, end: [L]; transitions: [L * L], from-major; L ≥ 1. A softmax head is a Crf with all
  // scores 0.
  Crf(std::vector<float> start, std::vector<float> end, std::vector<float> transitions);

  std::size_t labels() const { return start_.size(); }

  // The CRF with every score divided by `temperature` > 0.
  Crf Cooled(double temperature) const;

  // The best path; the smallest label wins a tie at each step, as in pytorch-crf. Scores are added
  // up in fp32 in pytorch-crf's order, so that their roundings agree too. emissions: [n, L]; n ≥ 0.
  // Never leaves the constraints, whatever the emissions; throws Error(kInternal) when they allow
  // no path at all.
  std::vector<std::size_t> Decode(ConstMatrixView emissions,
                                  const TagConstraints& constraints = {}) const;

  // log Σ_y exp s(y) over the allowed paths.
  double LogPartition(ConstMatrixView emissions, const TagConstraints& constraints = {}) const;

 private:
  friend class CrfMarginals;
  std::vector<float> start_, end_, transitions_;
  // exp(T − the largest T), for the sums of CrfMarginals.
  std::vector<double> step_weights_;
  double largest_step_ = 0;
};

// Forward and backward scores of one sequence, computed once; marginals of stretches of the path in
// O(length + L) each. Keeps views of the CRF and the emissions, which must outlive it.
class CrfMarginals {
 public:
  CrfMarginals(const Crf& crf, ConstMatrixView emissions, const TagConstraints& constraints = {});

  double log_partition() const { return log_partition_; }

  // Which labels may stand directly before and after a stretch, [L] each; empty: all. Where the
  // stretch meets an end of the sequence nothing stands there, and that is always right.
  struct Neighbours {
    std::vector<bool> before, after;
  };

  // Probability that the path reads `tags` (at least one) from position `begin` on, between such
  // neighbours. In [0, 1].
  double Probability(std::size_t begin, std::span<const std::size_t> tags,
                     const Neighbours& neighbours = {}) const;

 private:
  void ComputeForward();
  void ComputeBackward();
  double Step(std::size_t from, std::size_t to) const;  // T, −∞ when not allowed
  double Begin(std::size_t begin, std::size_t label, const std::vector<bool>& before) const;
  double End(std::size_t end, std::size_t label, const std::vector<bool>& after) const;

  const Crf& crf_;
  const ConstMatrixView emissions_;
  const TagConstraints constraints_;
  std::vector<double> weights_;  // [L * L] exp(T − the largest T), 0 when not allowed
  // [n * L]: log Σ exp of the scores of the paths' parts up to a label, with its emission, and from
  // it on, without.
  std::vector<double> forward_, backward_;
  double log_partition_ = 0;
};

}  // namespace radie
