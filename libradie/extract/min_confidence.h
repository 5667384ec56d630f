// Leaving out what the model is not sure of.
#pragma once

#include "radie/report.h"

namespace radie::internal {

// Removes the entities of less confidence than `minimum`, the relations of less, and the relations
// of removed entities; numbers the rest anew, assembles the findings again and adds the warning
// when anything was removed. An object keeps the certainty that it had: where a denial is left
// out, the object must not turn into one that is there.
void LeaveOutBelow(double minimum, StructuredReport& report);

}  // namespace radie::internal
