// A report on its way through `radie extract`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "radie/charset.h"
#include "radie/error.h"
#include "radie/extractor.h"

namespace radie::tools {

// A report to extract, or why it cannot be.
struct ExtractItem {
  std::optional<std::string> id;
  std::string text;
  std::vector<EntityMention> mentions;       // for stage 2 alone
  OffsetUnit unit = OffsetUnit::kCodePoint;  // of the mentions
  std::vector<Warning> warnings;             // of reading it; come before those of the report
  std::string json_member;                   // for the record, such as "hl7":{…}; empty: none
  std::optional<DecodedText> source;         // when offsets are to count its bytes
  std::optional<Error> error;
  std::optional<std::size_t> line;  // when there is no id
};

}  // namespace radie::tools
