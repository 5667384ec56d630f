// The BERT encoder over a ragged batch.
#pragma once

#include <array>
#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/tensor.h"

namespace radie {

// Four rows beside a text, at positions that the text has too. They read the text and each other;
// neither the text nor another group reads them.
struct MarkerGroup {
  static constexpr std::size_t kRows = 4;
  std::array<std::int32_t, kRows> ids = {};
  std::array<std::int32_t, kRows> positions = {};

  friend auto operator<=>(const MarkerGroup&, const MarkerGroup&) = default;
};

// Sequences end to end; sequence s is [offsets[s], offsets[s+1]).
struct RaggedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> token_types;  // empty: all 0
  std::vector<std::int32_t> positions;    // empty: counted from 0 in each sequence
  std::vector<std::size_t> offsets = {0};
  std::vector<std::size_t> texts;  // rows of each sequence's text, behind which MarkerGroups stand;
                                   // empty: there are none

  std::size_t sequences() const { return offsets.size() - 1; }
  std::size_t tokens() const { return ids.size(); }
  std::size_t text_end(std::size_t sequence) const {
    return texts.empty() ? offsets[sequence + 1] : offsets[sequence] + texts[sequence];
  }
  // `types`: as many as ids, or none, which means 0.
  void Add(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& types = {},
           std::span<const MarkerGroup> groups = {});

 private:
  void CountTexts();
  void AppendPositions(std::size_t count);
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

  // Returns hidden states [batch.tokens(), hidden_size]. Every id, type and position is in range
  // and every sequence's text non-empty and at most max_positions long: the caller has checked. Row
  // r's bits depend on its own sequence only; those of a text on that text, those of a group on the
  // text and that group.
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
