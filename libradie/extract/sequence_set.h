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

// Not thread-safe.
class SequenceSet {
 public:
  // The index of a sequence equal to this one.
  std::size_t Add(std::vector<std::int32_t> sequence);

  std::size_t size() const { return sequences_.size(); }

  // Encodes all sequences, in order of index, in ragged batches of at most `max_batch_tokens` (or
  // one longer sequence), and hands out each sequence's states [length, hidden] once. The view
  // lives as long as the call of `consume`.
  void Encode(const BertEncoder& encoder, ThreadPool& pool, std::size_t max_batch_tokens,
              const std::function<void(std::size_t index, ConstMatrixView states)>& consume) const;

 private:
  struct Hash {
    std::size_t operator()(const std::vector<std::int32_t>& ids) const;
  };
  std::vector<const std::vector<std::int32_t>*> sequences_;  // keys of index_: stable addresses
  std::unordered_map<std::vector<std::int32_t>, std::size_t, Hash> index_;
};

// No NaN, no infinity: overflowing weights are told from a result.
bool AllFinite(ConstMatrixView values);

}  // namespace radie::internal
