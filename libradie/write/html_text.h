// Text inside HTML. Everything that comes from a report, a file name or a model goes through here.
#pragma once

#include <string>
#include <string_view>

#include "radie/report.h"

namespace radie {

// Appends text.substr(range) escaped for element content and for quoted attributes. Line breaks of
// any kind become line feeds, tabs stay; what IsUnsafeToShow or is ill-formed becomes U+FFFD.
void AppendHtml(std::string& out, std::string_view text, Range range);
void AppendHtml(std::string& out, std::string_view text);

// `text` on one line (OneSafeLine), escaped.
std::string HtmlLine(std::string_view text);

}  // namespace radie
