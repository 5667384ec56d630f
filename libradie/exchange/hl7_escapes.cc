// Escape sequences of HL7 v2 text (chapter 2, use of escape sequences in text fields).
#include <cstdlib>

#include "libradie/exchange/hl7_segments.h"

namespace radie {
namespace {

constexpr std::size_t kMaxRepeat = 100;

// The number behind a formatting command such as ".sp" or ".sk"; 1 without one, nothing when it is
// none.
std::optional<std::size_t> Count(std::string_view rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest.empty()) return 1;
  std::size_t count = 0;
  for (const char c : rest) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::size_t>(c - '0');
    if (count > kMaxRepeat) return kMaxRepeat;
  }
  return count;
}

// What a command without a number stands for; nothing where there is something behind it.
std::optional<std::string> Alone(std::string_view rest, const char* meaning) {
  return rest.empty() ? std::optional<std::string>(meaning) : std::nullopt;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Nothing when they are no pairs of hexadecimal digits.
std::optional<std::string> FromHex(std::string_view digits, Encoding encoding) {
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]), low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  try {
    return DecodeText(bytes, encoding, {.max_bytes = bytes.size() * 3 + 16}).utf8();
  } catch (const Error&) {
    throw Error(ErrorCode::kInvalidInput,
                "an escape sequence X holds bytes that are no text in the message's character set");
  }
}

// What the sequence between two escape characters stands for; nothing when it is none.
std::optional<std::string> Meaning(std::string_view sequence, const Hl7Delimiters& delimiters,
                                   Encoding encoding) {
  if (sequence.size() == 1) {
    switch (sequence[0]) {
      case 'F':
        return std::string(1, delimiters.field);
      case 'S':
        return std::string(1, delimiters.component);
      case 'T':
        return std::string(1, delimiters.subcomponent);
      case 'R':
        return std::string(1, delimiters.repetition);
      case 'E':
        return std::string(1, delimiters.escape);
      case 'H':  // highlighting begins
      case 'N':  // and ends
        return "";
      default:
        return std::nullopt;
    }
  }
  if (sequence.starts_with('X')) return FromHex(sequence.substr(1), encoding);
  if (!sequence.starts_with('.') || sequence.size() < 3) return std::nullopt;
  const std::string_view command = sequence.substr(1, 2);
  std::string_view rest = sequence.substr(3);
  if (command == "br" || command == "ce") return Alone(rest, "\n");
  if (command == "fi" || command == "nf") return Alone(rest, "");
  const bool indents = command == "in" || command == "ti";
  if (indents && rest.starts_with('-')) rest.remove_prefix(1);
  const std::optional<std::size_t> count = Count(rest);
  if (!count) return std::nullopt;
  if (indents) return "";
  if (command == "sp") return std::string(*count, '\n');
  if (command == "sk") return std::string(*count, ' ');
  return std::nullopt;
}

}  // namespace

Hl7Text ResolveHl7Escapes(std::string_view field, const Hl7Delimiters& delimiters,
                          Encoding encoding) {
  Hl7Text result;
  for (std::size_t at = 0; at < field.size();) {
    const std::size_t begin = field.find(delimiters.escape, at);
    result.text += field.substr(at, begin - at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = field.find(delimiters.escape, begin + 1);
    const auto meaning =
        end == std::string_view::npos
            ? std::nullopt
            : Meaning(field.substr(begin + 1, end - begin - 1), delimiters, encoding);
    if (meaning) {
      result.text += *meaning;
      at = end + 1;
    } else {  // a yen sign, or something local: it is text
      result.text += delimiters.escape;
      ++result.kept;
      at = begin + 1;
    }
  }
  return result;
}

}  // namespace radie
