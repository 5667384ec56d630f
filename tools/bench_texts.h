// Reports to measure the whole pipeline with.
#pragma once

#include <string>
#include <vector>

namespace radie::tools {

// Every report of a file or folder, as `radie extract` would read them. Throws
// ExitError(kExitSomeFailed) for one that cannot be read, for more than 256 MiB of them and for
// none.
std::vector<std::string> ReadReports(const std::string& path);

}  // namespace radie::tools
