// From a pair's pooled vector to its logits: the layers that a relation checkpoint ends with.
#pragma once

#include <memory>
#include <string>

#include "libradie/kernels/kernels.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"

namespace radie {

// Immutable and thread-safe.
class RelationHead {
 public:
  virtual ~RelationHead() = default;

  // pooled: [pairs, PooledSize()], at least one pair → logits [pairs, labels]. A row's bits depend
  // on that row alone.
  virtual void Forward(ConstMatrixView pooled, MatrixView logits) const = 0;
};

// Finds its weights under scope + "classifier.": docs/model-format.md, `relations`. Throws
// Error(kInvalidModel).
std::unique_ptr<const RelationHead> MakeRelationHead(WeightSource& weights,
                                                     const std::string& scope,
                                                     const RelationsConfig& config,
                                                     const kernels::KernelSet& kernels);

}  // namespace radie
