#include "libradie/write/html_marks.h"

#include <algorithm>
#include <numeric>

#include "libradie/write/html_text.h"
#include "libradie/write/html_types.h"

namespace radie {

void AppendMark(std::string& out, std::string_view text, const Range& range,
                const std::string& type, const HtmlMark& mark) {
  out += "<span class=\"m\"";
  if (!mark.groups.empty()) out += " data-g=\"" + mark.groups + "\"";
  out += "><span class=\"e " + std::string(HtmlTypeOf(type).style);
  if (!mark.classes.empty()) out += " " + mark.classes;
  out += "\" id=\"" + mark.anchor + "\" title=\"" + mark.title + "\">";
  AppendHtml(out, text, range);
  out += "</span>" + mark.behind + "</span>";
}

std::vector<std::size_t> AppendMarkedText(std::string& out, std::string_view text,
                                          const StructuredReport& report,
                                          const std::vector<HtmlMark>& marks) {
  const auto span = [&](std::size_t index) -> const Range& {
    return report.entities[index].span.utf8;
  };
  std::vector<std::size_t> order(report.entities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (span(a).begin != span(b).begin) return span(a).begin < span(b).begin;
    return span(a).end > span(b).end;
  });
  std::vector<std::size_t> overlapping;
  std::size_t done = 0;
  for (std::size_t index : order) {
    if (span(index).begin < done) {
      overlapping.push_back(index);
      continue;
    }
    AppendHtml(out, text, {done, span(index).begin});
    AppendMark(out, text, span(index), report.entities[index].type, marks[index]);
    done = span(index).end;
  }
  AppendHtml(out, text, {done, text.size()});
  return overlapping;
}

}  // namespace radie
