// Gold types against predicted types.
#pragma once

#include <set>

#include "libradie/eval/typed_span.h"
#include "radie/evaluation.h"

namespace radie {

// Adds one report.
void CountConfusion(const std::set<TypedSpan>& gold, const std::set<TypedSpan>& predicted,
                    Confusion& confusion);

}  // namespace radie
