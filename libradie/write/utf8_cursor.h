// Walks a string that is meant to be UTF-8 and never trusts it.
#pragma once

#include <cstddef>
#include <string_view>

namespace radie {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";

struct DecodedCharacter {
  char32_t code_point = kReplacementCharacter;
  std::size_t bytes = 1;
  bool valid = false;
};

// The character at `at` (< text.size()). An ill-formed byte is one invalid character of its own.
DecodedCharacter DecodeAt(std::string_view text, std::size_t at);

}  // namespace radie
