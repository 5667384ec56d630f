// Overlapping windows over a row of tokens too long for the encoder.
#pragma once

#include <cstddef>
#include <vector>

#include "libradie/base/ranges.h"

namespace radie::internal {

struct Window {
  TokenRange tokens;  // what the encoder reads
  TokenRange owned;   // whose results are taken from this window: those that stand further from its
                      // edges than from a neighbour's
};

// Windows of at most `capacity` tokens, neighbours sharing about half of them. The owned ranges
// partition [0, length); a row that fits is one window. capacity ≥ 1. Example: length 10, capacity
// 6 → reads [0,6) [3,9) [4,10), owns [0,5) [5,7) [7,10).
std::vector<Window> PlanWindows(std::size_t length, std::size_t capacity);

}  // namespace radie::internal
