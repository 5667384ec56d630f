// Reports out of texts and JSON Lines, as items to extract.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "radie/report.h"
#include "tools/encoding_options.h"
#include "tools/extract_item.h"

namespace radie::tools {

// Room for a report of the largest size with every character escaped, and for its annotations.
inline constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

// The item of a text in whatever encoding, with the warnings of reading it. `keep_source`: offsets
// are to count its bytes. What is wrong with it is the item's error.
ExtractItem ItemFromText(std::string_view bytes, std::string id, const EncodingOptions& encoding,
                         bool keep_source);

// The item of a JSON object, with `default_id` where it brings none. `needs_entities`: for stage 2
// alone. `unit` counts the offsets of an object that does not name its own. What is wrong with it
// is the item's error; the item has an id then only when it could be read.
ExtractItem ItemFromObject(std::string_view json, std::string_view default_id, bool needs_entities,
                           OffsetUnit unit);

// That of a line. `number` counts lines from 1 and names an item that brings no id ("line-N").
ExtractItem ItemFromLine(std::string_view line, std::size_t number, bool needs_entities,
                         OffsetUnit unit);

// In place of a line of more than kMaxLineBytes.
ExtractItem ItemOfLongLine(std::size_t number);

}  // namespace radie::tools
