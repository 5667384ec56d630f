// What the page of comparisons adds to the style sheet.
#pragma once

#include <string_view>

namespace radie {

// Follows HtmlStyle(), whose colours it uses. Holds no "</".
std::string_view HtmlComparisonStyle();

}  // namespace radie
