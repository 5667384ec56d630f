#include "tools/report_items.h"

#include <string>
#include <utility>

#include "tools/annotated_record.h"

namespace radie::tools {

ExtractItem ItemFromText(std::string_view bytes, std::string id, const EncodingOptions& encoding,
                         bool keep_source) {
  ExtractItem item;
  item.id = std::move(id);
  try {
    DecodedText decoded = DecodeReport(bytes, encoding);
    item.text = decoded.utf8();
    item.warnings = decoded.Warnings();
    if (keep_source) item.source = std::move(decoded);
  } catch (const Error& error) {
    item.error = error;
  }
  return item;
}

ExtractItem ItemFromObject(std::string_view json, std::string_view default_id, bool needs_entities,
                           OffsetUnit unit) {
  ExtractItem item;
  try {
    Record record = ParseRecord(json, {needs_entities, false});
    item.id = record.id.value_or(std::string(default_id));
    item.unit = record.unit.value_or(unit);
    if (!record.text) throw Error(ErrorCode::kInvalidInput, "text: missing");
    item.text = std::move(*record.text);
    if (needs_entities && !record.entities)
      throw Error(ErrorCode::kInvalidInput, "entities: missing");
    if (needs_entities) {
      for (RecordEntity& entity : *record.entities)
        item.mentions.push_back({std::move(entity.type), entity.range});
    }
  } catch (const RecordError& failed) {
    item.id = failed.id;
    item.error = failed.error;
  } catch (const Error& error) {
    item.error = error;
  }
  return item;
}

ExtractItem ItemFromLine(std::string_view line, std::size_t number, bool needs_entities,
                         OffsetUnit unit) {
  ExtractItem item = ItemFromObject(line, "line-" + std::to_string(number), needs_entities, unit);
  if (!item.id) item.line = number;
  return item;
}

ExtractItem ItemOfLongLine(std::size_t number) {
  ExtractItem item;
  item.error = Error(ErrorCode::kLimitExceeded,
                     "the line is longer than " + std::to_string(kMaxLineBytes) + " bytes");
  item.line = number;
  return item;
}

}  // namespace radie::tools
