// Sentence splitting by rules that survive reports as they are (docs/text.md).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"

namespace radie {

enum class SentenceRules { kNone, kRadiologyJa };

// "none", "radiology-ja"; nothing for another name.
std::optional<SentenceRules> SentenceRulesFromName(std::string_view name);

// Ranges in order, none empty, none overlapping, without white space at their ends; only white
// space lies between them.
std::vector<TextRange> SplitSentences(std::string_view normalized_text, SentenceRules rules);

}  // namespace radie
