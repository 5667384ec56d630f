// Reports out of HL7 v2 messages, as items to extract.
#pragma once

#include <string>
#include <vector>

#include "radie/hl7.h"
#include "tools/extract_item.h"

namespace radie::tools {

// The items of one message, in order; `number` counts messages of the file from 1 and names those
// that bring no id. Items know where their text stood, in offsets of `unit`.
std::vector<ExtractItem> ItemsFromHl7(const Hl7Message& message, std::size_t number,
                                      const Hl7Options& options, OffsetUnit unit);

}  // namespace radie::tools
