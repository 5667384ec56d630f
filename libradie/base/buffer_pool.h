// Working memory that is used again: making, clearing and returning tens of megabytes a call costs
// more than a short call computes.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "libradie/base/aligned_buffer.h"

namespace radie {

// Thread-safe. Holds as many buffers as were ever in use at once, each as large as it was last
// asked to be or larger, until it goes itself; it must outlive its leases.
class BufferPool {
 public:
  // A buffer as long as its user needs it; then the pool has it again.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          buffer_(std::move(other.buffer_)),
          bytes_(other.bytes_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->Return(std::move(buffer_), bytes_);
    }

    // 64-byte aligned. Holds anything.
    void* data() const { return buffer_.data(); }

   private:
    friend class BufferPool;
    Lease(BufferPool& pool, AlignedBuffer buffer, std::size_t bytes)
        : pool_(&pool), buffer_(std::move(buffer)), bytes_(bytes) {}

    BufferPool* pool_;
    AlignedBuffer buffer_;
    std::size_t bytes_;
  };

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least `bytes`. Throws std::bad_alloc.
  Lease Take(std::size_t bytes);

 private:
  struct Free {
    AlignedBuffer buffer;
    std::size_t bytes;
  };

  void Return(AlignedBuffer buffer, std::size_t bytes) noexcept;

  std::mutex mutex_;
  std::vector<Free> free_;  // guarded by mutex_
};

}  // namespace radie
