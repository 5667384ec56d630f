// An entity as the figures see it: where it is and what it is.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace radie {

using Span = std::pair<std::size_t, std::size_t>;  // code points, half-open
using TypedSpan = std::pair<Span, std::string>;    // sorts by begin, end, type

}  // namespace radie
