// Gold classes of certainty against predicted ones.
#pragma once

#include <map>

#include "libradie/eval/typed_span.h"
#include "radie/evaluation.h"

namespace radie {

// The class of each object that has one.
using ClassOfObject = std::map<TypedSpan, CertaintyClass>;

// Adds one report; returns its own micro score.
Score CountCertainty(const ClassOfObject& gold, const ClassOfObject& predicted,
                     CertaintyScores& scores);

}  // namespace radie
