// The BERT encoder over a ragged batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/tensor.h"

namespace radie {

// Sequences end to end; sequence s is [offsets[s], offsets[s+1]).
struct RaggedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> token_types;  // empty: all 0
  std::vector<std::size_t> offsets = {0};

  std::size_t sequences() const { return offsets.size() - 1; }
  std::size_t tokens() const { return ids.size(); }
  // `types`: as many as ids, or none, which means 0.
  void Add(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& types = {});
};

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

  // Returns hidden states [batch.tokens(), hidden_size]. Every id and type is in range and every
  // sequence non-empty and at most max_positions long: the caller has checked. Row r's bits depend
  // on its own sequence only.
  Tensor Encode(const RaggedBatch& batch, ThreadPool& pool,
                const LayerObserver& observer = {}) const;

  // Of the states that Encode() returns only `rows` (of batch.tokens(), ascending, each once), with
  // the same bits: [rows.size(), hidden_size]. The last layer leaves out what only the other rows
  // need: all but their keys and values.
  Tensor EncodeRows(const RaggedBatch& batch, std::span<const std::size_t> rows,
                    ThreadPool& pool) const;

  const EncoderConfig& config() const;

  // How its products compute; where layers differ, as the first does.
  DType precision() const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace radie
