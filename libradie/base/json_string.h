// Strings as JSON writes them.
#pragma once

#include <string>
#include <string_view>

namespace radie {

// Appends `text` in quotes. Only what JSON requires is escaped; ill-formed UTF-8 (a file name may
// hold it) becomes U+FFFD, so that the line is valid JSON whatever comes in.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace radie
