#include "libradie/write/line_text.h"

#include "libradie/write/utf8_cursor.h"
#include "radie/writer.h"

namespace radie {
namespace {

void AppendEscape(std::string& out, char32_t c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\\':
      out += "\\\\";
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
    case ' ':
      out += "\\s";
      return;
    default:
      break;
  }
  std::string digits;
  for (; c != 0 || digits.empty(); c >>= 4) digits.insert(digits.begin(), kHex[c & 15]);
  out += "\\u{" + digits + "}";
}

void AppendEscaped(std::string& out, std::string_view text, bool keep_spaces) {
  for (std::size_t at = 0; at < text.size();) {
    const DecodedCharacter character = DecodeAt(text, at);
    const char32_t c = character.code_point;
    if (!character.valid) {
      out += kReplacementUtf8;
    } else if (c == '\\' || (SplitsFields(c) && !(keep_spaces && c == ' '))) {
      AppendEscape(out, c);
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
}

}  // namespace

// More than \n and \r: what Python's str.splitlines() and codecs end a line at, brat's reader among
// their users.
bool SplitsLines(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

bool SplitsFields(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

void AppendField(std::string& out, std::string_view text) { AppendEscaped(out, text, false); }

std::string ToLineText(std::string_view text) {
  std::string line;
  AppendEscaped(line, text, true);
  return line;
}

}  // namespace radie
