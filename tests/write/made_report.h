// Reports made by hand over any text, with spans right in every unit.
#pragma once

#include <string>
#include <vector>

#include "libradie/write/utf8_cursor.h"
#include "radie/report.h"

namespace radie {

struct MadeEntity {
  std::string type;
  std::size_t begin, end;  // code points
};

// The span of two positions in code points.
inline TextSpan SpanOf(const std::string& text, std::size_t begin, std::size_t end) {
  TextSpan span;
  std::size_t position = 0, units = 0;
  for (std::size_t at = 0;; ++position) {
    if (position == begin) span.utf8.begin = at, span.utf16.begin = units;
    if (position == end) span.utf8.end = at, span.utf16.end = units;
    if (at >= text.size()) break;
    const DecodedCharacter character = DecodeAt(text, at);
    at += character.bytes;
    units += character.code_point > 0xFFFF ? 2 : 1;
  }
  span.code_points = {begin, end};
  return span;
}

// Types that begin with "Im" or "Cl" are objects, as in the default information model.
inline StructuredReport Made(const std::string& text, const std::vector<MadeEntity>& entities,
                             const std::vector<Relation>& relations = {}) {
  StructuredReport report;
  std::vector<std::size_t> object_finding(entities.size(), entities.size());
  for (const MadeEntity& made : entities) {
    const TextSpan span = SpanOf(text, made.begin, made.end);
    report.entities.push_back(
        {made.type, span, text.substr(span.utf8.begin, span.utf8.end - span.utf8.begin), 0.9});
    const bool is_object = made.type.substr(0, 2) == "Im" || made.type.substr(0, 2) == "Cl";
    if (!is_object) continue;
    object_finding[report.entities.size() - 1] = report.findings.size();
    report.findings.push_back({report.entities.size() - 1, {}, {}});
  }
  report.relations = relations;
  for (const Relation& relation : relations) {
    Finding& finding = report.findings.at(object_finding.at(relation.tail));
    const bool evidence = object_finding.at(relation.head) < entities.size();
    (evidence ? finding.evidence : finding.attributes).push_back(relation.head);
  }
  return report;
}

}  // namespace radie
