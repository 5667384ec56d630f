#include "libradie/base/report_check.h"

#include <string>
#include <vector>

#include "libradie/base/utf8.h"

namespace radie {
namespace {

// The name is put together only where it is told: reports are checked each time they are written.
void CheckIndex(std::size_t index, const StructuredReport& report, const char* which,
                const char* list, std::size_t item, const char* member) {
  const std::size_t entities = report.entities.size();
  if (index < entities) return;
  throw Error(ErrorCode::kInvalidArgument, std::string(which) + list + "[" + std::to_string(item) +
                                               "]." + member + " is entity index " +
                                               std::to_string(index) + " but the report has " +
                                               std::to_string(entities) + " entities");
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
  } else if (!IsUtf8Boundary(text, range.begin) || !IsUtf8Boundary(text, range.end)) {
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

void CheckIndices(const StructuredReport& report, const char* which) {
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    CheckIndex(report.relations[i].head, report, which, "relations", i, "head");
    CheckIndex(report.relations[i].tail, report, which, "relations", i, "tail");
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const auto check = [&](const std::vector<std::size_t>& indices, const char* member) {
      for (const std::size_t index : indices)
        CheckIndex(index, report, which, "findings", i, member);
    };
    CheckIndex(finding.object, report, which, "findings", i, "object");
    check(finding.attributes, "attributes");
    check(finding.evidence, "evidence");
    if (finding.certainty) check(finding.certainty->sources, "certainty.sources");
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
