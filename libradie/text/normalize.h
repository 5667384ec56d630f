// Normalisation profiles (docs/text.md). Each returns new text and the map back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libradie/text/document.h"
#include "libradie/text/offset_map.h"

namespace radie {

enum class NormalizationProfile { kNone, kNfkc, kRadiologyJa };

// "none", "nfkc", "radiology-ja"; nothing for another name.
std::optional<NormalizationProfile> NormalizationProfileFromName(std::string_view name);

struct NormalizedText {
  std::string text;  // UTF-8
  OffsetMap map;     // to the document's bytes
};

NormalizedText Normalize(const Document& document, NormalizationProfile profile);

}  // namespace radie
