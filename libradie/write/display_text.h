// Text for a terminal: how wide it is, and what must not reach one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

// Columns of `text` on a terminal: East Asian Wide and Fullwidth characters take two, combining
// marks none, Ambiguous ones one.
std::size_t DisplayWidth(std::string_view text);

// Controls (line breaks and tabs among them), line and paragraph separators, and the marks that
// turn the direction of what follows: a reader would see something else than the report holds.
bool IsUnsafeToShow(char32_t code_point);

// One line that is safe to print. A report is hostile input, and a terminal obeys escape sequences:
// controls, direction overrides and ill-formed bytes become U+FFFD. A line break inside a mention
// is a hard wrap: it is left out between wide characters and becomes a space elsewhere.
std::string OneSafeLine(std::string_view text);

}  // namespace radie
