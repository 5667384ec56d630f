// Stage 1's head: a linear layer from hidden states to emissions, then a CRF (or softmax, which is
// a CRF with zero scores).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/kernels/kernels.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/tensor.h"

namespace radie {

// A tagged mention.
struct TagSpan {
  TokenRange tokens;
  std::size_t type = 0;     // index into the schema's entity types
  double confidence = 0.0;  // marginal probability of exactly this span and type, at the stage's
                            // temperature
};

// Immutable and thread-safe.
class TokenTagger {
 public:
  // Finds scope + "classifier.…" and, for a CRF, scope + "crf.…". Throws Error(kInvalidModel).
  TokenTagger(WeightSource& weights, const std::string& scope, const EntitiesConfig& config,
              const Schema& schema, const kernels::KernelSet& kernels);
  ~TokenTagger();
  TokenTagger(TokenTagger&&) noexcept;

  // states: [n, H] → emissions [n, labels]. A row depends on its own row of states only.
  Tensor Emissions(ConstMatrixView states) const;

  // Best label path over one sentence's emissions [n, labels]: of its tokens, or where the model
  // says so of [CLS], its tokens and [SEP].
  std::vector<std::size_t> Decode(ConstMatrixView emissions) const;

  // Decode, then read the path by the model's label scheme. Token 0 is the first after [CLS], in
  // the path or not.
  std::vector<TagSpan> Tag(ConstMatrixView emissions) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
