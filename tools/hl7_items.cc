#include "tools/hl7_items.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace radie::tools {
namespace {

using Json = nlohmann::ordered_json;

// Offsets of a text's bytes in another unit, asked for in ascending order.
class UnitCounter {
 public:
  UnitCounter(std::string_view text, OffsetUnit unit) : text_(text), unit_(unit) {}

  std::size_t At(std::size_t byte) {
    for (; at_ < byte; ++at_) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (unit_ == OffsetUnit::kUtf8) {
        ++count_;
      } else if ((c & 0xC0) != 0x80) {
        count_ += unit_ == OffsetUnit::kUtf16 && c >= 0xF0 ? 2 : 1;
      }
    }
    return count_;
  }

 private:
  const std::string_view text_;
  const OffsetUnit unit_;
  std::size_t at_ = 0, count_ = 0;
};

// "hl7": where the pieces of the text stood. The ids come from the message and are valid UTF-8.
std::string PlacesOf(const Hl7Report& report, OffsetUnit unit) {
  UnitCounter counter(report.text, unit);
  Json pieces = Json::array();
  for (const Hl7Piece& piece : report.pieces) {
    Json told = {{"obx", piece.obx}, {"repetition", piece.repetition}, {"code", piece.code}};
    told["start"] = counter.At(piece.utf8.begin);
    told["end"] = counter.At(piece.utf8.end);
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
