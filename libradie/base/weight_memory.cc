#include "libradie/base/weight_memory.h"

#include "libradie/base/sanitizers.h"

namespace radie {
namespace {

constexpr std::size_t kPiece = std::size_t{32} << 20;
// So a piece is left with at most this unused.
constexpr std::size_t kLarge = kAddressSanitizer ? 0 : kPiece / 4;
constexpr std::size_t kCacheLine = 64;

std::shared_ptr<const AlignedBuffer> NewPiece(std::size_t bytes) {
  return std::make_shared<const AlignedBuffer>(bytes, AlignedBuffer::Content::kAnything);
}

WeightMemory::Block BlockOf(const std::shared_ptr<const AlignedBuffer>& piece, std::size_t at) {
  return {piece, static_cast<std::byte*>(piece->data()) + at};
}

}  // namespace

WeightMemory::Block WeightMemory::Take(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes > kLarge) return BlockOf(NewPiece(bytes), 0);
  if (piece_ == nullptr || bytes > kPiece - used_) {
    piece_ = NewPiece(kPiece);
    used_ = 0;
  }
  const std::size_t at = used_;
  used_ += (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;  // kPiece is whole lines, too
  return BlockOf(piece_, at);
}

}  // namespace radie
