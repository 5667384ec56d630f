// What every page has round its reports.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

// Everything before a page's own header: document type, policy, title, style and the link that
// leads to #main. `more_style` is appended to HtmlStyle().
void AppendFrameBegin(std::string& out, std::string_view title, std::string_view more_style = {});

// The list of entity types as they are marked; `with_numbers` shows the numbers of findings.
void AppendTypeLegend(std::string& out, bool with_numbers);

// "BEFORE12"
std::string Numbered(std::string_view before, std::size_t number);

// The head of a report's section, up to where its parts begin: `name` and `facts` are escaped.
std::string SectionBegin(std::size_t number, const std::string& name, const std::string& facts);

}  // namespace radie
