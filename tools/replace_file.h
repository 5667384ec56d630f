// Files that are there whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace radie::tools {

// Puts a file of this content in the place of `path`, on the disk and under its name when this
// returns: written beside it as `path`.tmp, then renamed, so that who has the old one open or
// mapped keeps it. Ctrl-C waits for it (signals.h). Throws ExitError(kExitSomeFailed); the old file
// is then as it was.
void ReplaceFile(const std::string& path, std::string_view content);

}  // namespace radie::tools
