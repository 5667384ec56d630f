// Aligned memory from the system; aligned_memory_posix.cc and aligned_memory_windows.cc.
#pragma once

#include <cstddef>

namespace radie {

// `bytes` > 0 bytes at a multiple of `alignment`, a power of two; of what is in them nothing is
// promised. Throws std::bad_alloc. For FreeAligned alone, not for free().
void* AllocateAligned(std::size_t bytes, std::size_t alignment);
void FreeAligned(void* memory);  // may be null

// Asks the system for large pages under whole multiples of `page` in memory that is aligned to it.
// A hint: nothing happens where there are none.
void PreferLargePages(void* memory, std::size_t bytes, std::size_t page);

}  // namespace radie
