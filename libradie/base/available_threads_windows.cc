#include <windows.h>

#include <algorithm>
#include <bit>

#include "libradie/base/thread_pool.h"

namespace radie {

std::size_t AvailableThreads() {
  DWORD_PTR own = 0, system = 0;
  // The mask covers one processor group, 64 processors at most; it is 0 in a process whose threads
  // were spread over several.
  if (GetProcessAffinityMask(GetCurrentProcess(), &own, &system) == 0 || own == 0) {
    return std::max<std::size_t>(1, GetActiveProcessorCount(ALL_PROCESSOR_GROUPS));
  }
  return static_cast<std::size_t>(std::popcount(own));
}

}  // namespace radie
