#include "tools/text_units.h"

#include <algorithm>

namespace radie::tools {

CodePointIndex::CodePointIndex(std::string_view text, OffsetUnit unit) {
  std::size_t position = 0;
  for (std::size_t byte = 0; byte < text.size();) {
    const auto lead = static_cast<unsigned char>(text[byte]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    starts_.push_back(position);
    byte += bytes;
    position += unit == OffsetUnit::kUtf8                  ? bytes
                : unit == OffsetUnit::kUtf16 && bytes == 4 ? 2
                                                           : 1;
  }
  starts_.push_back(position);
}

std::optional<Range> CodePointIndex::ToCodePoints(Range range) const {
  const auto begin = std::lower_bound(starts_.begin(), starts_.end(), range.begin);
  const auto end = std::lower_bound(starts_.begin(), starts_.end(), range.end);
  if (begin == starts_.end() || end == starts_.end() || *begin != range.begin || *end != range.end)
    return std::nullopt;
  if (range.begin >= range.end) return std::nullopt;
  return Range{static_cast<std::size_t>(begin - starts_.begin()),
               static_cast<std::size_t>(end - starts_.begin())};
}

}  // namespace radie::tools
