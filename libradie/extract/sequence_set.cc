#include "libradie/extract/sequence_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace radie::internal {

std::size_t SequenceSet::Hash::operator()(const Sequence& sequence) const {
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a over whole ids
  for (const auto* values : {&sequence.ids, &sequence.types}) {
    for (std::int32_t id : *values) {
      hash = (hash ^ static_cast<std::uint32_t>(id)) * 1099511628211ull;
    }
  }
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

std::size_t SequenceSet::Add(Sequence sequence) {
  auto [position, inserted] = index_.try_emplace(std::move(sequence), sequences_.size());
  if (inserted) sequences_.push_back(&position->first);
  return position->second;
}

void SequenceSet::Encode(const BertEncoder& encoder, ThreadPool& pool, std::size_t max_batch_tokens,
                         const std::function<void(std::size_t, ConstMatrixView)>& consume) const {
  std::size_t next = 0;
  while (next < sequences_.size()) {
    const std::size_t first = next;
    RaggedBatch batch;
    do {
      batch.Add(sequences_[next]->ids, sequences_[next]->types);
      ++next;
    } while (next < sequences_.size() &&
             batch.tokens() + sequences_[next]->ids.size() <= max_batch_tokens);
    const Tensor states = encoder.Encode(batch, pool);
    for (std::size_t s = 0; s < batch.sequences(); ++s) {
      consume(first + s, states.view().Rows(batch.offsets[s], batch.offsets[s + 1]));
    }
  }
}

bool AllFinite(ConstMatrixView values) {
  for (std::size_t r = 0; r < values.rows; ++r) {
    const float* row = values.row(r);
    if (!std::all_of(row, row + values.cols, [](float v) { return std::isfinite(v); }))
      return false;
  }
  return true;
}

}  // namespace radie::internal
