#include "tools/annotation_lines.h"

#include <array>
#include <charconv>
#include <system_error>

#include "tools/text_units.h"

namespace radie::tools {
namespace {

constexpr std::size_t kMaxOffset = std::size_t{1} << 53;

void AppendUtf8(std::string& out, unsigned code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return;
  }
  const unsigned continuing = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  const unsigned lead = continuing == 1 ? 0xC0 : continuing == 2 ? 0xE0 : 0xF0;
  out += static_cast<char>(lead | (code_point >> (6 * continuing)));
  for (unsigned i = continuing; i-- > 0;)
    out += static_cast<char>(0x80 | ((code_point >> (6 * i)) & 0x3F));
}

// The code point of "{HEX}" at the beginning of `rest`, which is then moved behind it.
std::optional<unsigned> TakeHex(std::string_view& rest) {
  const std::size_t close = rest.find('}');
  if (rest.empty() || rest.front() != '{' || close == rest.npos) return std::nullopt;
  const std::string_view digits = rest.substr(1, close - 1);
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (error != std::errc() || end != digits.data() + digits.size() || value > 0x10FFFF || surrogate)
    return std::nullopt;
  rest.remove_prefix(close + 1);
  return value;
}

std::optional<char> SimpleEscape(char letter) {
  switch (letter) {
    case '\\':
      return '\\';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 's':
      return ' ';
    case '#':
      return '#';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<std::string_view> SplitAt(std::string_view line, char separator, std::size_t limit) {
  std::vector<std::string_view> pieces;
  while (pieces.size() + 1 < limit) {
    const std::size_t at = line.find(separator);
    if (at == line.npos) break;
    pieces.push_back(line.substr(0, at));
    line.remove_prefix(at + 1);
  }
  pieces.push_back(line);
  return pieces;
}

std::vector<std::string_view> SplitAtSpaces(std::string_view line) {
  std::vector<std::string_view> pieces;
  for (std::string_view piece : SplitAt(line, ' ')) {
    if (!piece.empty()) pieces.push_back(piece);
  }
  return pieces;
}

std::optional<std::size_t> ParseOffset(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > kMaxOffset)
    return std::nullopt;
  return value;
}

std::string UnescapeField(std::string_view field) {
  std::string plain;
  while (!field.empty()) {
    const char c = field.front();
    field.remove_prefix(1);
    if (c == '\\' && !field.empty()) {
      if (const std::optional<char> simple = SimpleEscape(field.front())) {
        plain += *simple;
        field.remove_prefix(1);
        continue;
      }
      std::string_view rest = field.substr(1);
      if (field.front() == 'u') {
        if (const std::optional<unsigned> code_point = TakeHex(rest)) {
          AppendUtf8(plain, *code_point);
          field = rest;
          continue;
        }
      }
    }
    plain += c;
  }
  return plain;
}

std::string PercentDecoded(const std::string& name) {
  const auto value = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string decoded;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool whole = name[at] == '%' && at + 2 < name.size();
    if (whole && value(name[at + 1]) >= 0 && value(name[at + 2]) >= 0) {
      decoded += static_cast<char>(value(name[at + 1]) * 16 + value(name[at + 2]));
      at += 2;
    } else {
      decoded += name[at];
    }
  }
  return InvalidUtf8At(decoded) ? name : decoded;
}

std::optional<std::string> IdOfHeader(std::string_view line) {
  for (std::string_view prefix : {"# id = ", "# newdoc id = "}) {
    if (line.starts_with(prefix) && line.size() > prefix.size())
      return UnescapeField(line.substr(prefix.size()));
  }
  return std::nullopt;
}

bool IsErrorHeader(std::string_view line) { return line.starts_with("# error = "); }

bool IsWhiteSpace(std::string_view character) {
  if (character.size() == 1) {
    const char c = character[0];
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  }
  constexpr std::array<std::string_view, 20> kOthers = {
      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
      "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
      "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"};
  for (std::string_view other : kOthers) {
    if (character == other) return true;
  }
  return false;
}

std::string WithPlainSpaces(std::string_view text) {
  std::string plain;
  const std::vector<std::size_t> starts = CodePointStarts(text);
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const std::string_view character = text.substr(starts[i], starts[i + 1] - starts[i]);
    if (IsWhiteSpace(character)) {
      plain += ' ';
    } else {
      plain += character;
    }
  }
  return plain;
}

}  // namespace radie::tools
