#include "libradie/nn/pass_memory.h"

#include <algorithm>

#include "libradie/base/checked.h"
#include "libradie/nn/embeddings.h"
#include "libradie/nn/work_plan.h"

namespace radie {
namespace {

// Floats from row to row: whole cache lines, and not a multiple of 1 KiB, at which the rows of a
// tile would fall on the same few lines of the first-level cache.
std::size_t StrideOf(std::size_t cols) {
  const std::size_t lines = (cols + 15) / 16 * 16;
  return lines % 256 == 0 ? lines + 16 : lines;
}

// Floats a token of the workspace.
struct Sizes {
  explicit Sizes(const EncoderConfig& config)
      : hidden(config.hidden_size), inner(config.intermediate_size) {}
  // Of qkv and context or of inner, and of all.
  std::size_t wide() const {
    return std::max(StrideOf(3 * hidden) + StrideOf(hidden), StrideOf(inner));
  }
  std::size_t all() const { return wide() + 2 * StrideOf(hidden); }
  std::size_t hidden, inner;
};

// Of the tokens, and of two plans (for all rows and for those that are asked for): offsets, texts,
// cuts of products (as many at most), tasks of attention. No more than some 32 bytes a token and 80
// a head of a text, so no overflow: the batch itself is in memory.
std::size_t TableBytes(const RaggedBatch& batch, std::size_t heads) {
  constexpr std::size_t kForAlignment = 1024;
  const std::size_t texts = batch.sequences(), groups = batch.groups();
  const std::size_t tables = 3 * (texts + groups + 2) * sizeof(std::size_t);
  const std::size_t tasks =
      WorkPlan::MostAttentionTasks(texts, groups, heads) * sizeof(WorkPlan::AttentionTask);
  return batch.tokens() * (sizeof(Embeddings::Token) + 1) + 2 * (tables + tasks) + kForAlignment;
}

}  // namespace

Workspace::Workspace(std::size_t tokens, const EncoderConfig& config, std::size_t prepared_bytes,
                     BufferPool& pool)
    : prepared(nullptr),
      lease_(pool.Take(
          BytesToAllocate(tokens, Sizes(config).all() * sizeof(float) + prepared_bytes))) {
  const Sizes sizes(config);
  const std::size_t h = sizes.hidden;
  auto* const floats = static_cast<float*>(lease_.data());
  qkv = {floats, tokens, 3 * h, StrideOf(3 * h)};
  context = {qkv.data + tokens * qkv.stride, tokens, h, StrideOf(h)};
  inner = {floats, tokens, sizes.inner, StrideOf(sizes.inner)};
  projected = {floats + tokens * sizes.wide(), tokens, h, StrideOf(h)};
  states = {projected.data + tokens * projected.stride, tokens, h, h};
  prepared = PreparedRows(floats + tokens * sizes.all());
}

TableMemory::TableMemory(const RaggedBatch& batch, std::size_t heads, BufferPool& pool)
    : TableMemory(TableBytes(batch, heads), pool) {}

PooledRows::PooledRows(std::size_t rows, std::size_t cols, BufferPool& pool)
    : lease_(pool.Take(BytesToAllocate(rows, cols * sizeof(float)))),
      view_{static_cast<float*>(lease_.data()), rows, cols, cols} {}

}  // namespace radie
