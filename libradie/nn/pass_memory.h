// What one pass of an encoder works in: memory that the pool has from passes before.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "libradie/base/buffer_pool.h"
#include "libradie/kernels/matrix_view.h"
#include "libradie/model/config.h"
#include "libradie/nn/prepared_rows.h"
#include "libradie/nn/ragged_batch.h"

namespace radie {

// The matrices of one pass and the rows prepared for products, in one block. `inner` takes the
// place of qkv and context, which are no longer needed when it is written. Throws std::bad_alloc,
// also when the sizes overflow.
class Workspace {
 public:
  // `prepared_bytes`: a token's, of the product that reads the most.
  Workspace(std::size_t tokens, const EncoderConfig& config, std::size_t prepared_bytes,
            BufferPool& pool);

  MatrixView states;  // end to end
  MatrixView qkv, context, inner, projected;
  PreparedRows prepared;

 private:
  BufferPool::Lease lease_;
};

// The small tables of one pass.
class TableMemory {
 public:
  TableMemory(const RaggedBatch& batch, std::size_t heads, BufferPool& pool);

  std::pmr::memory_resource* get() { return &resource_; }

 private:
  TableMemory(std::size_t bytes, BufferPool& pool)
      : lease_(pool.Take(bytes)), resource_(lease_.data(), bytes) {}

  BufferPool::Lease lease_;
  std::pmr::monotonic_buffer_resource resource_;  // in the lease; what it cannot hold is allocated
};

// A matrix with its rows end to end and anything in them.
class PooledRows {
 public:
  PooledRows(std::size_t rows, std::size_t cols, BufferPool& pool);
  MatrixView view() const { return view_; }

 private:
  BufferPool::Lease lease_;
  MatrixView view_;
};

}  // namespace radie
