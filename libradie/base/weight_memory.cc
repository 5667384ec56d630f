#include "libradie/base/weight_memory.h"

#include <algorithm>

namespace radie {
namespace {

// Of a piece that is not used up, the system gives only the pages that were written to.
constexpr std::size_t kPiece = std::size_t{32} << 20;
constexpr std::size_t kCacheLine = 64;

}  // namespace

WeightMemory::Block WeightMemory::Take(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes > size_ - used_) {
    const std::size_t size = std::max(bytes, kPiece);
    piece_ = std::make_shared<const AlignedBuffer>(size, AlignedBuffer::Content::kAnything);
    used_ = 0, size_ = size;
  }
  auto* const block = static_cast<std::byte*>(piece_->data()) + used_;
  used_ = std::min(size_, (used_ + bytes + kCacheLine - 1) / kCacheLine * kCacheLine);
  return {piece_, block};
}

}  // namespace radie
