#include "libradie/model/base64.h"

#include <cstddef>
#include <cstdint>

namespace radie {
namespace {

// 64 for what is no digit.
std::uint32_t DigitOf(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 52;
  return c == '+' ? 62 : c == '/' ? 63 : 64;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t digits = at + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const std::uint32_t digit = DigitOf(text[at + i]);
      if (digit == 64) return std::nullopt;
      bits |= digit << (18 - 6 * i);
    }
    const std::size_t whole = digits - 1;  // bytes; the bits behind them are zero
    if ((bits & (0xFFFFFFu >> (8 * whole))) != 0) return std::nullopt;
    for (std::size_t i = 0; i < whole; ++i) {
      bytes.push_back(static_cast<char>(bits >> (16 - 8 * i) & 0xFF));
    }
  }
  return bytes;
}

}  // namespace radie
