// The library's version and what it was built with.
#pragma once

#include <string>

#include "radie/export.h"

#define RADIE_VERSION_MAJOR 0
#define RADIE_VERSION_MINOR 1
#define RADIE_VERSION_PATCH 0
#define RADIE_VERSION_STRING "0.1.0"

namespace radie {

// "0.1.0". The version of the library that runs, which may be newer than the headers compiled
// against.
RADIE_API const char* Version();

// One line a fact, for bug reports: version, compiler, optional dependencies (each RADIE_WITH_…
// option, on or off) and the kernel sets this build holds with the one this machine would use. No
// line names a path or a host.
RADIE_API std::string BuildInfo();

}  // namespace radie
