// Names out of a model file, made safe for an error message.
#pragma once

#include <string>
#include <string_view>

namespace radie {

// "name" in double quotes, at most 80 bytes of it: control characters, quotes, backslashes and
// bytes that are not valid UTF-8 become \xNN, and what is left out becomes "…". The result is valid
// UTF-8.
std::string Quoted(std::string_view name);

}  // namespace radie
