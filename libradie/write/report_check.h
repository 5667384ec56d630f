// Reports may come from a caller's own code: their indices are checked before they are followed.
#pragma once

#include "radie/report.h"

namespace radie {

// Throws Error(kInvalidArgument) naming the field when an index of the report points past its
// entities.
void CheckIndices(const StructuredReport& report);

}  // namespace radie
