// Normalisation profiles (docs/text.md). Each returns new text and the map back.
#pragma once

#include <string>
#include <string_view>

#include "libradie/text/document.h"
#include "libradie/text/offset_map.h"

namespace radie {

enum class NormalizationProfile { kNone, kNfkc, kRadiologyJa };

struct NormalizedText {
  std::string text;  // UTF-8
  OffsetMap map;     // to the bytes of the text it was made from
};

NormalizedText Normalize(const Document& document, NormalizationProfile profile);

// The same of a text that is known to be valid UTF-8.
NormalizedText Normalize(std::string_view utf8, NormalizationProfile profile);

}  // namespace radie
