// Stage 2's classifier: pooled states of a pair → the checkpoint's head → masked softmax.
#pragma once

#include <array>
#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "libradie/kernels/kernels.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/tensor.h"

namespace radie {

// Which rows of a sequence's states one pair reads: of each mention the first and the last one,
// whose mean is its vector, or the mean of all from the one to the other where the model
// AveragesRows(). The same one twice where a mention has only one (x + x is exact, and so is half
// of it).
struct PairRows {
  std::array<std::size_t, 2> head = {}, tail = {};  // with pooling "cls": head is that of [CLS]

  friend auto operator<=>(const PairRows&, const PairRows&) = default;
};

struct RelationScore {
  std::size_t label = 0;  // index into the stage's labels
  double probability = 0;
};

// Immutable and thread-safe.
class RelationClassifier {
 public:
  // Finds the weights of MakeRelationHead(). Throws Error(kInvalidModel).
  RelationClassifier(WeightSource& weights, const std::string& scope, const RelationsConfig& config,
                     const kernels::KernelSet& kernels);
  ~RelationClassifier();
  RelationClassifier(RelationClassifier&&) noexcept;

  // The classifier's input, one row a pair: [pairs, PooledSize()]. states: of one sequence; where
  // the model ReadsCls(), the first is that of [CLS].
  Tensor Pool(ConstMatrixView states, const std::vector<PairRows>& pairs) const;

  // [pairs, PooledSize()] → logits [pairs, labels].
  Tensor Logits(ConstMatrixView pooled) const;

  // Softmax over the allowed labels' logits / temperature and its argmax (the smallest label wins a
  // tie). allowed[l]: may this pair have label l; at least one is true.
  static RelationScore Decide(const float* logits, const std::vector<bool>& allowed,
                              double temperature = 1);

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
