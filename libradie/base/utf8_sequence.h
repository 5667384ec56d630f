// UTF-8 that is not known to be valid, one sequence at a time.
#pragma once

#include <cstddef>
#include <string_view>

#include "libradie/base/utf8.h"

namespace radie {

struct Utf8Sequence {
  // Of a well-formed sequence all of it; else the bytes that one U+FFFD stands for: the longest
  // beginning of a well-formed sequence, or one byte (Unicode 3.9, "maximal subpart").
  std::size_t bytes;
  bool well_formed;
};

// The sequence at `position`, which must be inside the text. Well-formed is what Unicode's table
// 3-7 has: no surrogates, no overlong forms, nothing past U+10FFFF.
inline Utf8Sequence Utf8SequenceAt(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t length = Utf8Length(text[position]);
  // The second byte has a narrower range after these leads.
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (position + i == text.size() || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80, high = 0xBF;
  }
  return {length, true};
}

}  // namespace radie
