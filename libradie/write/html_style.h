// The style sheet of the page.
#pragma once

#include <string_view>

namespace radie {

// Meant to stand in <style>: holds no "</". Colours are custom properties --NAME-bg (tint) and
// --NAME-fg (line and badge), once for light and once for dark; a test computes their contrasts.
std::string_view HtmlStyle();

}  // namespace radie
