// Reports may come from a caller's own code: their indices are checked before they are followed.
#pragma once

#include <string_view>

#include "radie/report.h"

namespace radie {

// Throws Error(kInvalidArgument) naming the field when an index of the report points past its
// entities.
// `which` leads the message where there are several reports: "gold report: ".
void CheckIndices(const StructuredReport& report, const char* which = "");

// Throws Error(kInvalidArgument) naming the entity unless the entities' UTF-8 spans are non-empty
// stretches of `text` on code point boundaries. They may overlap and stand in any order.
void CheckPlaces(std::string_view text, const StructuredReport& report);

// Throws Error(kInvalidArgument) naming the entity unless the entities' UTF-8 spans are non-empty
// stretches of `text` on code point boundaries, in order, without overlaps.
void CheckSpans(std::string_view text, const StructuredReport& report);

}  // namespace radie
