// A report as the caller gave it: valid UTF-8, and the way from its bytes to the units callers
// count in.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "radie/report.h"

namespace radie {

// Views the caller's text, which must outlive it.
class Document {
 public:
  // Throws Error(kInvalidText) with the offset of the first byte of the first ill-formed sequence
  // (Unicode 3.9, table 3-7: no surrogates, no overlong forms, nothing past U+10FFFF).
  static Document Decode(std::string_view utf8);

  std::string_view text() const { return text_; }

  // The range in all three units. `range` must be inside the text and on code point boundaries:
  // throws Error(kInternal) otherwise. O(log n).
  TextSpan Span(SourceRange range) const;

  // From the caller's unit to bytes. Throws Error(kInvalidArgument) when the range is empty, out of
  // bounds, reversed, or splits a code point.
  SourceRange FromUnit(Range range, OffsetUnit unit) const;

 private:
  struct Checkpoint {
    std::size_t byte, code_points, utf16;
  };

  explicit Document(std::string_view utf8) : text_(utf8) {}

  // The first code point boundary at which `field` is at least `value`; the end of the text when
  // there is none.
  Checkpoint Locate(std::size_t Checkpoint::*field, std::size_t value) const;

  std::string_view text_;
  std::vector<Checkpoint>
      checkpoints_;  // one about every 64 bytes, on code point boundaries; the first is {0, 0, 0}
};

}  // namespace radie
