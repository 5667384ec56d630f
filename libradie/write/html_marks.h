// A report's text with mentions marked in it that may overlap.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "radie/report.h"

namespace radie {

// How a mention is shown. All strings are escaped.
struct HtmlMark {
  std::string anchor;   // its id
  std::string classes;  // beside that of its type
  std::string groups;   // data-g
  std::string title;
  std::string behind;  // elements that follow it
};

// Appends the text with the report's mentions; marks[i] is entity i's. Where mentions overlap, the
// one that begins first is marked (the longer one, where both begin together). The others, as they
// cannot stand in a text that is read once, are returned in order of position: show them
// otherwise. The spans are checked (CheckPlaces).
std::vector<std::size_t> AppendMarkedText(std::string& out, std::string_view text,
                                          const StructuredReport& report,
                                          const std::vector<HtmlMark>& marks);

// One mention, its text given by `range` of `text`.
void AppendMark(std::string& out, std::string_view text, const Range& range,
                const std::string& type, const HtmlMark& mark);

}  // namespace radie
