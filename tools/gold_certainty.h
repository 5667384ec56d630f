// The class of certainty that radie's rules give gold objects by their gold descriptors.
#pragma once

#include "tools/gold.h"

namespace radie::tools {

bool HasCertainty(const StructuredReport& report);

// The gold entities and relations with the certainty that follows from them: what the rules alone
// are worth.
StructuredReport WithDerivedCertainty(const GoldReport& gold);

}  // namespace radie::tools
