// Sequences to encode, each distinct one once: radiology repeats itself, and equal sequences have
// equal states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/nn/bert_encoder.h"
#include "radie/error.h"

namespace radie::internal {

// What the encoder reads at once.
struct Sequence {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types;  // token types; empty: all 0

  friend bool operator==(const Sequence&, const Sequence&) = default;
};

// Not thread-safe.
class SequenceSet {
 public:
  // The index of a sequence equal to this one.
  std::size_t Add(Sequence sequence);

  std::size_t size() const { return sequences_.size(); }

  const Sequence& operator[](std::size_t index) const { return *sequences_[index]; }

  // One reading of a sequence.
  struct Reading {
    std::size_t sequence = 0;             // its index
    std::vector<std::size_t> rows;        // whose states are wanted: ascending, each once
    std::span<const MarkerGroup> groups;  // read behind it; their rows count on from the sequence's

    std::size_t tokens(const SequenceSet& set) const {
      return set[sequence].ids.size() + groups.size() * MarkerGroup::kRows;
    }
  };
  using ReadingOf = std::function<Reading(std::size_t number)>;
  using Consume = std::function<void(std::size_t number, ConstMatrixView states)>;

  // Encodes readings 0 to `count` - 1, in that order, in ragged batches of at most
  // `max_batch_tokens` (or one longer reading), and hands out the states [rows, hidden] of each
  // one's rows once. The view lives as long as the call of `consume`, what `reading_of` returns
  // refers to until then. Throws Error(kCancelled) before a batch when a stop was requested.
  void Encode(std::size_t count, const BertEncoder& encoder, ThreadPool& pool,
              std::size_t max_batch_tokens, const std::stop_token& cancel,
              const ReadingOf& reading_of, const Consume& consume) const;

 private:
  struct Hash {
    std::size_t operator()(const Sequence& sequence) const;
  };
  std::vector<const Sequence*> sequences_;  // keys of index_: stable addresses
  std::unordered_map<Sequence, std::size_t, Hash> index_;
};

// What is thrown where a stop was requested.
Error Cancelled();

// No NaN, no infinity: overflowing weights are told from a result.
bool AllFinite(ConstMatrixView values);

}  // namespace radie::internal
