#include "libradie/base/aligned_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace radie {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes) {
  if (bytes == 0) return;
  const bool huge = bytes >= kHugePage;
  void* memory = nullptr;
  if (posix_memalign(&memory, huge ? kHugePage : kCacheLine, bytes) != 0) throw std::bad_alloc();
  data_.reset(memory);
#ifdef MADV_HUGEPAGE
  // Streaming weights touches a new 4 KiB page every few hundred cycles. A hint: failure is fine.
  if (huge) (void)madvise(memory, bytes & ~(kHugePage - 1), MADV_HUGEPAGE);
#endif
  std::memset(memory, 0, bytes);
}

void AlignedBuffer::Free::operator()(void* p) const { std::free(p); }

}  // namespace radie
