#include <string_view>
#include <vector>

#include "libradie/capi/guard.h"
#include "libradie/capi/versioned_struct.h"
#include "radie/writer.h"

namespace radie::capi {
namespace {

radie_range RangeOf(const Range& range) { return {range.begin, range.end}; }

radie_entity Described(const Entity& entity) {
  radie_entity result{};
  result.type = entity.type.c_str();
  result.text = entity.text.c_str();
  result.text_bytes = entity.text.size();
  result.code_points = RangeOf(entity.span.code_points);
  result.utf8 = RangeOf(entity.span.utf8);
  result.utf16 = RangeOf(entity.span.utf16);
  result.confidence = entity.confidence;
  return result;
}

radie_relation Described(const Relation& relation) {
  radie_relation result{};
  result.type = relation.type.c_str();
  result.head = relation.head;
  result.tail = relation.tail;
  result.confidence = relation.confidence;
  return result;
}

radie_finding Described(const Finding& finding) {
  radie_finding result{};
  result.object = finding.object;
  result.attributes = finding.attributes.data();
  result.attribute_count = finding.attributes.size();
  result.evidence = finding.evidence.data();
  result.evidence_count = finding.evidence.size();
  if (finding.certainty) {
    result.certainty =
        CertaintyName(finding.certainty->value).data();  // a literal: it ends with NUL
    result.certainty_confidence = finding.certainty->confidence;
    result.certainty_sources = finding.certainty->sources.data();
    result.certainty_source_count = finding.certainty->sources.size();
  }
  return result;
}

radie_warning Described(const Warning& warning) {
  radie_warning result{};
  result.code = warning.code.c_str();
  result.message = warning.message.c_str();
  return result;
}

// The number of items in one of the report's lists; 0 of NULL.
template <typename Item>
std::size_t Count(const radie_report* report, std::vector<Item> StructuredReport::*list) noexcept {
  return report == nullptr ? 0 : (report->report.*list).size();
}

template <typename Item, typename Result>
radie_status Get(const radie_report* report, std::vector<Item> StructuredReport::*list,
                 std::size_t index, Result* out) noexcept {
  if (index >= Count(report, list)) return RADIE_ERROR_INVALID_ARGUMENT;
  return WriteResult(Described((report->report.*list)[index]), out) ? RADIE_OK
                                                                    : RADIE_ERROR_INVALID_ARGUMENT;
}

OffsetUnit UnitOf(radie_offset_unit unit) {
  switch (unit) {
    case RADIE_CODE_POINTS:
      return OffsetUnit::kCodePoint;
    case RADIE_UTF8:
      return OffsetUnit::kUtf8;
    case RADIE_UTF16:
      return OffsetUnit::kUtf16;
  }
  Refuse("unit: not a radie_offset_unit");
}

}  // namespace
}  // namespace radie::capi

// NOLINTNEXTLINE(google-build-using-namespace): C's functions are defined outside of it
using namespace radie::capi;
using radie::StructuredReport;

size_t radie_report_entity_count(const radie_report* report) {
  return Count(report, &StructuredReport::entities);
}
size_t radie_report_relation_count(const radie_report* report) {
  return Count(report, &StructuredReport::relations);
}
size_t radie_report_finding_count(const radie_report* report) {
  return Count(report, &StructuredReport::findings);
}
size_t radie_report_warning_count(const radie_report* report) {
  return Count(report, &StructuredReport::warnings);
}

radie_status radie_report_entity(const radie_report* report, size_t index, radie_entity* entity) {
  return Get(report, &StructuredReport::entities, index, entity);
}
radie_status radie_report_relation(const radie_report* report, size_t index,
                                   radie_relation* relation) {
  return Get(report, &StructuredReport::relations, index, relation);
}
radie_status radie_report_finding(const radie_report* report, size_t index,
                                  radie_finding* finding) {
  return Get(report, &StructuredReport::findings, index, finding);
}
radie_status radie_report_warning(const radie_report* report, size_t index,
                                  radie_warning* warning) {
  return Get(report, &StructuredReport::warnings, index, warning);
}

radie_status radie_report_json(const radie_report* report, const char* id, radie_offset_unit unit,
                               radie_string** json, radie_error** error) {
  return Publish(json, error, [&] {
    if (report == nullptr) Refuse("report: is NULL");  // not Required(): it may be a batch's own
    return std::make_unique<radie_string>(radie_string{
        radie::ToJson(id == nullptr ? "" : id, "", report->report, {.unit = UnitOf(unit)})});
  });
}

void radie_report_free(radie_report* report) { Free(report); }
