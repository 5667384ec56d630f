#include "libradie/write/json_text.h"

#include <cmath>

#include "libradie/base/float_environment.h"
#include "libradie/write/utf8_cursor.h"

namespace radie {
namespace {

void AppendEscaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const DecodedCharacter character = DecodeAt(text, at);
    if (!character.valid) {
      out += kReplacementUtf8;
    } else if (character.bytes == 1 && NeedsEscape(text[at])) {
      AppendEscaped(out, text[at]);
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  out += '"';
}

void AppendJsonNumber(std::string& out, std::size_t number) { out += std::to_string(number); }

void AppendConfidence(std::string& out, double confidence) {
  const FloatEnvironment environment;
  const double clamped = std::isnan(confidence) ? 0.0 : std::fmin(std::fmax(confidence, 0.0), 1.0);
  const std::string digits = std::to_string(10000 + std::lround(clamped * 10000));
  out += clamped == 1.0 || digits[0] == '2' ? '1' : '0';
  out += '.';
  out += digits.substr(1);
}

}  // namespace radie
