#include "libradie/write/report_check.h"

#include <string>

namespace radie {
namespace {

void CheckIndex(std::size_t index, std::size_t entities, const std::string& field) {
  if (index < entities) return;
  throw Error(ErrorCode::kInvalidArgument, field + " is entity index " + std::to_string(index) +
                                               " but the report has " + std::to_string(entities) +
                                               " entities");
}

// A continuation byte is inside a character; the end of the text is a boundary.
bool IsBoundary(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

// `last` is where the entity before it ends.
void CheckSpan(std::string_view text, const StructuredReport& report, std::size_t index,
               std::size_t last) {
  const Range& range = report.entities[index].span.utf8;
  const char* trouble = nullptr;
  if (range.begin >= range.end) {
    trouble = "is empty or reversed";
  } else if (range.end > text.size()) {
    trouble = "lies outside the text";
  } else if (!IsBoundary(text, range.begin) || !IsBoundary(text, range.end)) {
    trouble = "splits a character";
  } else if (range.begin < last) {
    trouble = "overlaps the entity before it or comes out of order";
  }
  if (trouble == nullptr) return;
  throw Error(ErrorCode::kInvalidArgument, "entities[" + std::to_string(index) +
                                               "].span.utf8: bytes " + std::to_string(range.begin) +
                                               " to " + std::to_string(range.end) + " of " +
                                               std::to_string(text.size()) + ": " + trouble);
}

}  // namespace

void CheckIndices(const StructuredReport& report) {
  const std::size_t entities = report.entities.size();
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    const std::string name = "relations[" + std::to_string(i) + "]";
    CheckIndex(report.relations[i].head, entities, name + ".head");
    CheckIndex(report.relations[i].tail, entities, name + ".tail");
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const std::string name = "findings[" + std::to_string(i) + "]";
    CheckIndex(report.findings[i].object, entities, name + ".object");
    for (std::size_t index : report.findings[i].attributes)
      CheckIndex(index, entities, name + ".attributes");
    for (std::size_t index : report.findings[i].evidence)
      CheckIndex(index, entities, name + ".evidence");
    if (!report.findings[i].certainty) continue;
    for (std::size_t index : report.findings[i].certainty->sources)
      CheckIndex(index, entities, name + ".certainty.sources");
  }
}

void CheckPlaces(std::string_view text, const StructuredReport& report) {
  for (std::size_t i = 0; i < report.entities.size(); ++i) CheckSpan(text, report, i, 0);
}

void CheckSpans(std::string_view text, const StructuredReport& report) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < report.entities.size(); ++i) {
    CheckSpan(text, report, i, last);
    last = report.entities[i].span.utf8.end;
  }
}

}  // namespace radie
