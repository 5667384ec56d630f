// How much of a gold report was found.
#pragma once

#include <set>

#include "libradie/eval/typed_span.h"
#include "radie/evaluation.h"

namespace radie {

// Adds one report.
void CountCoverage(const std::set<TypedSpan>& gold, const std::set<TypedSpan>& predicted,
                   Coverage& coverage);

}  // namespace radie
