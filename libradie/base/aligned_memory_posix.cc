#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "libradie/base/aligned_memory.h"

namespace radie {

void* AllocateAligned(std::size_t bytes, std::size_t alignment) {
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes) != 0) throw std::bad_alloc();
  return memory;
}

void FreeAligned(void* memory) { std::free(memory); }

void PreferLargePages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes,
                      [[maybe_unused]] std::size_t page) {
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, bytes & ~(page - 1), MADV_HUGEPAGE);
#endif
}

}  // namespace radie
