#include "libradie/model/quoted.h"

#include <cstddef>

namespace radie {
namespace {

constexpr std::size_t kLongest = 80;

// Bytes of the well-formed UTF-8 character at the front of `text`, or 0. `text` is not empty.
std::size_t CharacterLength(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const unsigned char second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

void AppendEscaped(unsigned char byte, std::string* text) {
  constexpr char kDigits[] = "0123456789abcdef";
  *text += "\\x";
  *text += kDigits[byte >> 4];
  *text += kDigits[byte & 15];
}

}  // namespace

std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  std::size_t at = 0;
  while (at < name.size()) {
    const std::size_t length = CharacterLength(name.substr(at));
    if (at + (length == 0 ? 1 : length) > kLongest) break;
    const auto byte = static_cast<unsigned char>(name[at]);
    const bool plain =
        length > 1 || (length == 1 && byte >= 0x20 && byte != 0x7F && byte != '"' && byte != '\\');
    if (plain) {
      quoted += name.substr(at, length);
    } else {
      AppendEscaped(byte, &quoted);
    }
    at += plain ? length : 1;
  }
  if (at < name.size()) quoted += "…";
  return quoted + "\"";
}

}  // namespace radie
