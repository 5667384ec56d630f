#include "tools/hl7_items.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/text_units.h"

namespace radie::tools {
namespace {

using Json = nlohmann::ordered_json;

// "hl7": where the pieces of the text stood. The ids come from the message and are valid UTF-8.
std::string PlacesOf(const Hl7Report& report, OffsetUnit unit) {
  const std::vector<std::size_t> starts = CodePointStarts(report.text);
  const SpanIndex spans(report.text);
  const auto code_point = [&](std::size_t byte) {
    return static_cast<std::size_t>(std::lower_bound(starts.begin(), starts.end(), byte) -
                                    starts.begin());
  };
  Json pieces = Json::array();
  for (const Hl7Piece& piece : report.pieces) {
    Json told = {{"obx", piece.obx}, {"repetition", piece.repetition}, {"code", piece.code}};
    const TextSpan span = spans.Of({code_point(piece.utf8.begin), code_point(piece.utf8.end)});
    told["start"] = span.In(unit).begin;
    told["end"] = span.In(unit).end;
    pieces.push_back(std::move(told));
  }
  Json places = Json::object();
  if (!report.patient_id.empty()) places["patient_id"] = report.patient_id;
  places["pieces"] = std::move(pieces);
  std::string member = "\"hl7\":";
  member += places.dump();
  return member;
}

}  // namespace

std::vector<ExtractItem> ItemsFromHl7(const Hl7Message& message, std::size_t number,
                                      const Hl7Options& options, OffsetUnit unit) {
  std::vector<Hl7Outcome> outcomes;
  if (message.error) {
    outcomes.push_back({"", std::nullopt, message.error});
  } else {
    outcomes = ReadHl7(message.bytes, options);
  }
  std::vector<ExtractItem> items;
  for (Hl7Outcome& outcome : outcomes) {
    ExtractItem item;
    item.id = std::move(outcome.id);
    if (item.id->empty()) *item.id = "message-" + std::to_string(number);
    item.error = std::move(outcome.error);
    if (outcome.report) {
      item.json_member = PlacesOf(*outcome.report, unit);
      item.text = std::move(outcome.report->text);
      item.warnings = std::move(outcome.report->warnings);
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace radie::tools
