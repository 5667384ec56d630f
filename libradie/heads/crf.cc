#include "libradie/heads/crf.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "radie/error.h"

namespace radie {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

// A sum of weights below this may have lost terms to underflow.
constexpr double kSmallestSum = 1e-200;

// log Σ_k exp term(k), k < count; −∞ for no terms.
template <typename Term>
double LogSum(std::size_t count, const Term& term) {
  double largest = kNever;
  for (std::size_t k = 0; k < count; ++k) largest = std::max(largest, term(k));
  if (largest == kNever) return kNever;
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += std::exp(term(k) - largest);
  // cppcheck-suppress invalidFunctionArg  // the largest term itself adds 1
  return largest + std::log(sum);
}

// Viterbi's state: the best score of a path that ends in each label, and whether any path does.
struct Best {
  std::vector<float> score;
  std::vector<char> reached;
};

// The label before `to` on the best path there; `labels` when there is none. The first wins a tie.
template <typename Score, typename Allowed>
std::size_t FirstBest(std::size_t labels, const Score& score, const Allowed& allowed) {
  std::size_t best = labels;
  float best_score = 0;
  for (std::size_t label = 0; label < labels; ++label) {
    if (!allowed(label)) continue;
    const float candidate = score(label);
    if (best == labels || candidate > best_score) {
      best = label;
      best_score = candidate;
    }
  }
  return best;
}

}  // namespace

Crf::Crf(std::vector<float> start, std::vector<float> end, std::vector<float> transitions)
    : start_(std::move(start)), end_(std::move(end)), transitions_(std::move(transitions)) {
  largest_step_ = *std::max_element(transitions_.begin(), transitions_.end());
  step_weights_.reserve(transitions_.size());
  for (float step : transitions_) step_weights_.push_back(std::exp(step - largest_step_));
}

float CooledScore(float score, double temperature) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(score / temperature, -kLargest, kLargest));
}

Crf Crf::Cooled(double temperature) const {
  const auto divided = [&](std::vector<float> scores) {
    for (float& score : scores) score = CooledScore(score, temperature);
    return scores;
  };
  return Crf(divided(start_), divided(end_), divided(transitions_));
}

std::vector<std::size_t> Crf::Decode(ConstMatrixView emissions,
                                     const TagConstraints& constraints) const {
  const std::size_t count = labels(), length = emissions.rows;
  if (length == 0) return {};
  Best best{std::vector<float>(count), std::vector<char>(count)}, next = best;
  for (std::size_t label = 0; label < count; ++label) {
    best.score[label] = start_[label] + emissions.row(0)[label];
    best.reached[label] = constraints.AllowsStart(label);
  }
  std::vector<std::size_t> previous(length * count);
  for (std::size_t i = 1; i < length; ++i) {
    const float* emission = emissions.row(i);
    for (std::size_t to = 0; to < count; ++to) {
      // pytorch-crf's order: (score + transition) + emission, then the maximum.
      auto score = [&](std::size_t from) {
        return (best.score[from] + transitions_[from * count + to]) + emission[to];
      };
      const std::size_t from = FirstBest(count, score, [&](std::size_t label) {
        return best.reached[label] && constraints.AllowsStep(label, to, count);
      });
      next.reached[to] = from != count;
      next.score[to] = from != count ? score(from) : 0;
      previous[i * count + to] = from;
    }
    std::swap(best, next);
  }
  std::vector<std::size_t> path(length);
  path.back() = FirstBest(
      count, [&](std::size_t label) { return best.score[label] + end_[label]; },
      [&](std::size_t label) { return best.reached[label] && constraints.AllowsEnd(label); });
  if (path.back() == count) throw Error(ErrorCode::kInternal, "CRF constraints allow no path");
  for (std::size_t i = length - 1; i > 0; --i) path[i - 1] = previous[i * count + path[i]];
  return path;
}

double Crf::LogPartition(ConstMatrixView emissions, const TagConstraints& constraints) const {
  return CrfMarginals(*this, emissions, constraints).log_partition();
}

CrfMarginals::CrfMarginals(const Crf& crf, ConstMatrixView emissions,
                           const TagConstraints& constraints)
    : crf_(crf), emissions_(emissions), constraints_(constraints), weights_(crf.step_weights_) {
  if (emissions_.rows == 0) return;  // one path, the empty one, of score 0
  const std::size_t count = crf_.labels();
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      if (!constraints_.AllowsStep(from, to, count)) weights_[from * count + to] = 0;
    }
  }
  ComputeForward();
  ComputeBackward();
  const double* last = &forward_[(emissions_.rows - 1) * count];
  const double* end = &backward_[(emissions_.rows - 1) * count];
  log_partition_ = LogSum(count, [&](std::size_t label) { return last[label] + end[label]; });
}

double CrfMarginals::Step(std::size_t from, std::size_t to) const {
  const std::size_t count = crf_.labels();
  return constraints_.AllowsStep(from, to, count) ? crf_.transitions_[from * count + to] : kNever;
}

// Both recursions sum over all labels at once in the linear domain, scaled by the largest term: L
// exponentials a position, not L². Where a sum comes out so small that terms may have underflowed,
// it is done again label by label in the log domain.

void CrfMarginals::ComputeForward() {
  const std::size_t count = crf_.labels();
  forward_.resize(emissions_.rows * count);
  for (std::size_t label = 0; label < count; ++label) {
    forward_[label] = constraints_.AllowsStart(label)
                          ? double(crf_.start_[label]) + double(emissions_.row(0)[label])
                          : kNever;
  }
  std::vector<double> sums(count);
  for (std::size_t i = 1; i < emissions_.rows; ++i) {
    const double* before = &forward_[(i - 1) * count];
    const double largest = *std::max_element(before, before + count);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t from = 0; largest != kNever && from < count; ++from) {
      const double weight = std::exp(before[from] - largest);
      const double* steps = &weights_[from * count];
      for (std::size_t to = 0; to < count; ++to) sums[to] += weight * steps[to];
    }
    for (std::size_t to = 0; to < count; ++to) {
      const double sum =
          sums[to] >= kSmallestSum
              ? largest + crf_.largest_step_ + std::log(sums[to])
              : LogSum(count, [&](std::size_t from) { return before[from] + Step(from, to); });
      forward_[i * count + to] = sum + double(emissions_.row(i)[to]);
    }
  }
}

void CrfMarginals::ComputeBackward() {
  const std::size_t count = crf_.labels(), length = emissions_.rows;
  backward_.resize(length * count);
  for (std::size_t label = 0; label < count; ++label) {
    backward_[(length - 1) * count + label] =
        constraints_.AllowsEnd(label) ? double(crf_.end_[label]) : kNever;
  }
  std::vector<double> after(count), weights(count);
  for (std::size_t i = length - 1; i-- > 0;) {
    for (std::size_t to = 0; to < count; ++to) {
      after[to] = backward_[(i + 1) * count + to] + double(emissions_.row(i + 1)[to]);
    }
    const double largest = *std::max_element(after.begin(), after.end());
    for (std::size_t to = 0; to < count; ++to) {
      weights[to] = largest == kNever ? 0 : std::exp(after[to] - largest);
    }
    for (std::size_t from = 0; from < count; ++from) {
      const double* steps = &weights_[from * count];
      double sum = 0;
      for (std::size_t to = 0; to < count; ++to) sum += weights[to] * steps[to];
      backward_[i * count + from] =
          sum >= kSmallestSum
              ? largest + crf_.largest_step_ + std::log(sum)
              : LogSum(count, [&](std::size_t to) { return after[to] + Step(from, to); });
    }
  }
}

// Score of all that comes before a label at `begin`, with the label's emission.
double CrfMarginals::Begin(std::size_t begin, std::size_t label,
                           const std::vector<bool>& before) const {
  const std::size_t count = crf_.labels();
  if (begin == 0 || before.empty()) return forward_[begin * count + label];
  const double* scores = &forward_[(begin - 1) * count];
  return double(emissions_.row(begin)[label]) + LogSum(count, [&](std::size_t from) {
           return before[from] ? scores[from] + Step(from, label) : kNever;
         });
}

// Score of all that comes after a label at `end` - 1.
double CrfMarginals::End(std::size_t end, std::size_t label, const std::vector<bool>& after) const {
  const std::size_t count = crf_.labels();
  if (end == emissions_.rows || after.empty()) return backward_[(end - 1) * count + label];
  const double* scores = &backward_[end * count];
  return LogSum(count, [&](std::size_t to) {
    return after[to] ? Step(label, to) + double(emissions_.row(end)[to]) + scores[to] : kNever;
  });
}

double CrfMarginals::Probability(std::size_t begin, std::span<const std::size_t> tags,
                                 const Neighbours& neighbours) const {
  double score = Begin(begin, tags.front(), neighbours.before);
  for (std::size_t k = 1; k < tags.size(); ++k) {
    score += Step(tags[k - 1], tags[k]) + double(emissions_.row(begin + k)[tags[k]]);
  }
  score += End(begin + tags.size(), tags.back(), neighbours.after);
  const double probability = std::exp(score - log_partition_);
  return probability > 0 ? std::min(probability, 1.0) : 0;  // 0 where scores are not finite
}

}  // namespace radie
