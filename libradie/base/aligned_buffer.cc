#include "libradie/base/aligned_buffer.h"

#include <cstring>

#include "libradie/base/aligned_memory.h"

namespace radie {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes, Content content) {
  if (bytes == 0) return;
  const bool huge = bytes >= kHugePage;
  data_.reset(AllocateAligned(bytes, huge ? kHugePage : kCacheLine));
  // Streaming weights touches a new 4 KiB page every few hundred cycles.
  if (huge) PreferLargePages(data_.get(), bytes, kHugePage);
  if (content == Content::kZeros) std::memset(data_.get(), 0, bytes);
}

void AlignedBuffer::Free::operator()(void* p) const { FreeAligned(p); }

}  // namespace radie
