// The tables of terms that --terms names.
#pragma once

#include <string>
#include <vector>

#include "radie/terms.h"

namespace radie::tools {

// One table of all files, in their order. Throws ExitError(kExitUsage) naming the file, and the
// line where there is one, when a file cannot be used.
TermTable LoadTerms(const std::vector<std::string>& paths);

}  // namespace radie::tools
