#include "libradie/base/buffer_pool.h"

#include <algorithm>
#include <new>
#include <optional>

namespace radie {

BufferPool::Lease BufferPool::Take(std::size_t bytes) {
  std::optional<Free> found;
  {
    std::lock_guard lock(mutex_);
    // The largest: it is enough, or the one to be replaced by one that is.
    const auto largest = std::max_element(
        free_.begin(), free_.end(), [](const Free& a, const Free& b) { return a.bytes < b.bytes; });
    if (largest != free_.end()) {
      found = std::move(*largest);
      *largest = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (found && found->bytes >= bytes) return Lease(*this, std::move(found->buffer), found->bytes);
  found.reset();  // before the next one is made
  return Lease(*this, AlignedBuffer(bytes, AlignedBuffer::Content::kAnything), bytes);
}

void BufferPool::Return(AlignedBuffer buffer, std::size_t bytes) noexcept {
  std::lock_guard lock(mutex_);
  try {
    free_.push_back({std::move(buffer), bytes});
  } catch (const std::bad_alloc&) {  // then it is not kept
  }
}

}  // namespace radie
