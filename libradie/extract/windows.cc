#include "libradie/extract/windows.h"

#include <algorithm>

namespace radie::internal {

std::vector<Window> PlanWindows(std::size_t length, std::size_t capacity) {
  if (length == 0) return {};
  std::vector<Window> windows;
  const std::size_t step = std::max<std::size_t>(1, capacity / 2);
  for (std::size_t begin = 0;; begin += step) {
    if (begin + capacity >= length) {  // the last one is as full as the others
      begin = length > capacity ? length - capacity : 0;
      windows.push_back({{begin, length}, {0, length}});
      break;
    }
    windows.push_back({{begin, begin + capacity}, {0, length}});
  }
  for (std::size_t w = 0; w + 1 < windows.size(); ++w) {
    // The middle of what two neighbours share; where they share nothing it is the border between
    // them.
    const std::size_t middle = (windows[w + 1].tokens.begin + windows[w].tokens.end + 1) / 2;
    windows[w].owned.end = windows[w + 1].owned.begin = middle;
  }
  return windows;
}

}  // namespace radie::internal
