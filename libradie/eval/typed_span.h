// An entity as the figures see it: where it is and what it is.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "radie/report.h"

namespace radie {

using Span = std::pair<std::size_t, std::size_t>;  // code points, half-open
using TypedSpan = std::pair<Span, std::string>;    // sorts by begin, end, type

inline Span SpanOf(const Entity& entity) {
  return {entity.span.code_points.begin, entity.span.code_points.end};
}
inline TypedSpan TypedSpanOf(const Entity& entity) { return {SpanOf(entity), entity.type}; }

}  // namespace radie
