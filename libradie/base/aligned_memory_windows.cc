#include <malloc.h>

#include <new>

#include "libradie/base/aligned_memory.h"

namespace radie {

void* AllocateAligned(std::size_t bytes, std::size_t alignment) {
  void* const memory = _aligned_malloc(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void FreeAligned(void* memory) { _aligned_free(memory); }

// Large pages take a right (SeLockMemoryPrivilege) that programs do not have.
void PreferLargePages(void*, std::size_t, std::size_t) {}

}  // namespace radie
