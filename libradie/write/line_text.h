// Text as a field of a line: brat's and CoNLL's files are read line by line and split at white
// space.
#pragma once

#include <string>
#include <string_view>

namespace radie {

// Whether readers of such files may take this character for the end of a line or of a field: \n \r
// \t, the other controls, and Unicode's white space (White_Space, and the byte order mark).
bool SplitsLines(char32_t code_point);  // ends a line, or is a tab
bool SplitsFields(char32_t code_point);

// Appends `text` so that it stays one field and can be had back: \ is \\, line feed \n, carriage
// return \r, tab \t, a space \s; any other character that SplitsFields \u{HEX}, HEX in lower case
// without leading zeros. Ill-formed bytes become U+FFFD.
void AppendField(std::string& out, std::string_view text);

}  // namespace radie
