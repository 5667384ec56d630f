// UTF-8 that is already known to be valid (Document::Decode checks it), one code point at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

// Bytes of the sequence that `lead` begins.
inline std::size_t Utf8Length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Whether a code point begins at `position` or the text ends there.
inline bool IsUtf8Boundary(std::string_view text, std::size_t position) {
  return position == text.size() ||
         (position < text.size() && (static_cast<unsigned char>(text[position]) & 0xC0) != 0x80);
}

// The code point at *position, which must be inside the text; moves *position behind it.
inline char32_t NextCodePoint(std::string_view text, std::size_t* position) {
  const auto byte = [&](std::size_t i) -> char32_t {
    return static_cast<unsigned char>(text[*position + i]);
  };
  const std::size_t length = Utf8Length(text[*position]);
  char32_t code_point = byte(0);
  switch (length) {
    case 1:
      break;
    case 2:
      code_point = (code_point & 0x1F) << 6 | (byte(1) & 0x3F);
      break;
    case 3:
      code_point = (code_point & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
      break;
    default:
      code_point = (code_point & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                   (byte(3) & 0x3F);
  }
  *position += length;
  return code_point;
}

inline void AppendUtf8(char32_t code_point, std::string* out) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->append({static_cast<char>(0xC0 | code_point >> 6), tail(0)});
  } else if (code_point < 0x10000) {
    out->append({static_cast<char>(0xE0 | code_point >> 12), tail(6), tail(0)});
  } else {
    out->append({static_cast<char>(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)});
  }
}

}  // namespace radie
