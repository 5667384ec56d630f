// Sequences to encode, each distinct one once: radiology repeats itself, and equal sequences have
// equal states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "libradie/base/thread_pool.h"
#include "libradie/nn/bert_encoder.h"

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

  // Encodes all sequences, in order of index, in ragged batches of at most `max_batch_tokens` (or
  // one longer sequence), and hands out each sequence's states [length, hidden] once. The view
  // lives as long as the call of `consume`.
  void Encode(const BertEncoder& encoder, ThreadPool& pool, std::size_t max_batch_tokens,
              const std::function<void(std::size_t index, ConstMatrixView states)>& consume) const;

 private:
  struct Hash {
    std::size_t operator()(const Sequence& sequence) const;
  };
  std::vector<const Sequence*> sequences_;  // keys of index_: stable addresses
  std::unordered_map<Sequence, std::size_t, Hash> index_;
};

// No NaN, no infinity: overflowing weights are told from a result.
bool AllFinite(ConstMatrixView values);

}  // namespace radie::internal
