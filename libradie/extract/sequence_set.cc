#include "libradie/extract/sequence_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libradie/nn/pass_memory.h"

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

void SequenceSet::Encode(std::size_t count, const BertEncoder& encoder, ThreadPool& pool,
                         std::size_t max_batch_tokens, const std::stop_token& cancel,
                         const ReadingOf& reading_of, const Consume& consume) const {
  Reading reading;
  if (count > 0) reading = reading_of(0);
  for (std::size_t next = 0; next < count;) {
    if (cancel.stop_requested()) throw Cancelled();
    const std::size_t first = next;
    RaggedBatch batch;
    std::vector<std::size_t> rows, begins = {0};  // begins: where a reading's rows begin
    do {
      const Sequence& sequence = *sequences_[reading.sequence];
      for (const std::size_t row : reading.rows) rows.push_back(batch.tokens() + row);
      begins.push_back(rows.size());
      batch.Add(sequence.ids, sequence.types, reading.groups);
      if (++next < count) reading = reading_of(next);
    } while (next < count && batch.tokens() + reading.tokens(*this) <= max_batch_tokens);
    const PooledRows states(rows.size(), encoder.config().hidden_size, pool.result_buffers());
    encoder.EncodeRows(batch, rows, pool, states.view());
    for (std::size_t r = first; r < next; ++r) {
      consume(r, states.view().Rows(begins[r - first], begins[r - first + 1]));
    }
  }
}

Error Cancelled() { return Error(ErrorCode::kCancelled, "the call was cancelled"); }

bool AllFinite(ConstMatrixView values) {
  for (std::size_t r = 0; r < values.rows; ++r) {
    const float* row = values.row(r);
    if (!std::all_of(row, row + values.cols, [](float v) { return std::isfinite(v); }))
      return false;
  }
  return true;
}

}  // namespace radie::internal
