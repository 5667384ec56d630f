// Offsets of one text from any unit to code points.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "radie/report.h"

namespace radie::tools {

// The byte at which the text stops being UTF-8; nothing when it is all valid.
std::optional<std::size_t> InvalidUtf8At(std::string_view text);

// The byte at which each code point begins, and the end. The text is valid UTF-8.
std::vector<std::size_t> CodePointStarts(std::string_view text);

class CodePointIndex {
 public:
  // The text is valid UTF-8 (it came out of a JSON parser that checks).
  CodePointIndex(std::string_view text, OffsetUnit unit);

  // Nothing when the range is empty, reversed, out of the text or splits a code point.
  std::optional<Range> ToCodePoints(Range range) const;

 private:
  std::vector<std::size_t> starts_;  // in the unit, of each code point, and the end of the text
};

// From code points to every unit.
class SpanIndex {
 public:
  // The text is valid UTF-8.
  explicit SpanIndex(std::string_view text);

  // `range` is one of the text's, in code points.
  TextSpan Of(Range range) const;

 private:
  std::vector<std::size_t> bytes_, units_;  // where each code point begins, and the text ends
};

}  // namespace radie::tools
