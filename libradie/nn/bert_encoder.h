// The BERT encoder over a ragged batch.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "libradie/base/dtype.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/matrix_view.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/ragged_batch.h"  // IWYU pragma: export (it is what is encoded)

namespace radie {

// Immutable after construction and thread-safe; working memory is the pool's (ThreadPool::buffers).
class BertEncoder {
 public:
  // Finds its weights under scope + "bert.embeddings.…" (scope e.g. "entities."). Throws
  // Error(kInvalidModel), and Error(kInvalidArgument) for a precision that is not to be had.
  BertEncoder(WeightSource& weights, const std::string& scope, const EncoderConfig& config,
              const Arithmetic& arithmetic);
  ~BertEncoder();
  BertEncoder(BertEncoder&&) noexcept;

  // Called with the states [tokens, hidden] after the embeddings (layer 0) and after each layer
  // (1…layers).
  using LayerObserver = std::function<void(std::size_t layer, ConstMatrixView states)>;

  // Writes the hidden states [batch.tokens(), hidden_size], rows end to end. Every id, type and
  // position is in range and every sequence's text non-empty and at most max_positions long: the
  // caller has checked. Row r's bits depend on its own sequence only; those of a text on that text,
  // those of a group on the text and that group. A pass that is no larger than one before it
  // in the same pool allocates nothing but what Eigen takes by itself in the portable sets.
  void Encode(const RaggedBatch& batch, ThreadPool& pool, MatrixView states,
              const LayerObserver& observer = {}) const;

  // Of the states that Encode() writes only those of `rows` (of batch.tokens(), ascending, each
  // once), with the same bits: [rows.size(), hidden_size], rows end to end. The last layer leaves
  // out what only the other rows need: all but their keys and values.
  void EncodeRows(const RaggedBatch& batch, std::span<const std::size_t> rows, ThreadPool& pool,
                  MatrixView states) const;

  const EncoderConfig& config() const;

  // How its products compute; where layers differ, as the first does.
  DType precision() const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
