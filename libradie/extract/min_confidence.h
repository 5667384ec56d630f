// What the caller finds too uncertain, left out of a report that both stages have read.
#pragma once

#include "libradie/extract/prepared_report.h"

namespace radie::internal {

// Removes entities and relations of less confidence than `minimum` and the relations of removed
// entities; the others' indices follow. Adds the warning "below_min_confidence" when something was
// removed.
void LeaveOutBelow(double minimum, PreparedReport& report);

}  // namespace radie::internal
