// Reports out of JSON Lines, as items to extract.
#pragma once

#include <cstddef>
#include <string_view>

#include "radie/report.h"
#include "tools/extract_item.h"

namespace radie::tools {

// Room for a report of the largest size with every character escaped, and for its annotations.
inline constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

// The item of a line, or of any JSON object of that form. `number` counts lines from 1 and names
// an item that brings no id ("line-N"). `needs_entities`: for stage 2 alone. `unit` counts the
// offsets of a line that does not name its own. What is wrong with the line is the item's error.
ExtractItem ItemFromLine(std::string_view line, std::size_t number, bool needs_entities,
                         OffsetUnit unit);

// In place of a line of more than kMaxLineBytes.
ExtractItem ItemOfLongLine(std::size_t number);

}  // namespace radie::tools
