// SHA-256 of a file.
#pragma once

#include <string>

namespace radie::tools {

// In lower-case hexadecimal; the file is mapped, not read in. Throws ExitError(kExitSomeFailed)
// naming it.
std::string FileSha256(const std::string& path);

}  // namespace radie::tools
