#include "tools/text_units.h"

#include <algorithm>

namespace radie::tools {
namespace {

// Bytes of the sequence that begins with `lead`; 0 for a byte that begins none.
std::size_t SequenceBytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// The second byte is where overlong forms, surrogates and what lies past U+10FFFF show.
bool SecondByteFits(unsigned char lead, unsigned char second) {
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return low <= second && second <= high;
}

}  // namespace

std::optional<std::size_t> InvalidUtf8At(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const std::size_t bytes = SequenceBytes(byte(0));
    if (bytes == 0 || bytes > text.size() - at) return at;
    if (bytes > 1 && !SecondByteFits(byte(0), byte(1))) return at;
    for (std::size_t i = 2; i < bytes; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return at;
    }
    at += bytes;
  }
  return std::nullopt;
}

std::vector<std::size_t> CodePointStarts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) starts.push_back(at);
  }
  starts.push_back(text.size());
  return starts;
}

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

SpanIndex::SpanIndex(std::string_view text) : bytes_(CodePointStarts(text)) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    units_.push_back(units);
    if (i + 1 < bytes_.size()) units += bytes_[i + 1] - bytes_[i] == 4 ? 2 : 1;
  }
}

TextSpan SpanIndex::Of(Range range) const {
  return {
      {bytes_[range.begin], bytes_[range.end]}, range, {units_[range.begin], units_[range.end]}};
}

}  // namespace radie::tools
