// Numbers with units out of size mentions.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libradie/write/utf8_cursor.h"
#include "radie/fhir.h"

namespace radie {
namespace {

// One mention, folded to what the grammar below knows: digits and the point as ASCII, × as 'x', mm
// and cm as 'm' and 'c', anything else as 'w' (a word).
std::string Folded(std::string_view mention) {
  std::string folded;
  for (std::size_t at = 0; at < mention.size();) {
    const DecodedCharacter character = DecodeAt(mention, at);
    at += character.bytes;
    char32_t c = character.code_point;
    if (c >= U'！' && c <= U'～') c -= U'！' - U'!';
    if (c == U' ' || c == U'\u3000' || c == U'\n' || c == U'\r' || c == U'\t') continue;
    if (c >= U'0' && c <= U'9') {
      folded += static_cast<char>(c);
    } else if (c == U'.') {
      folded += '.';
    } else if (c == U'×' || c == U'x' || c == U'X' || c == U'*') {
      folded += 'x';
    } else if (c == U'㎜') {
      folded += 'm';
    } else if (c == U'㎝') {
      folded += 'c';
    } else if ((c == U'm' || c == U'M') && !folded.empty() && folded.back() == '?') {
      folded.back() = 'm';  // mm
    } else if ((c == U'm' || c == U'M') && !folded.empty() && folded.back() == '!') {
      folded.back() = 'c';  // cm
    } else if (c == U'm' || c == U'M') {
      folded += '?';
    } else if (c == U'c' || c == U'C') {
      folded += '!';
    } else {
      folded += 'w';
    }
  }
  return folded;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A decimal at *at: digits, or digits, a point and digits. Empty when there is none.
std::string TakeNumber(std::string_view text, std::size_t* at) {
  std::size_t end = *at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  if (end == *at) return "";
  if (end + 1 < text.size() && text[end] == '.' && IsDigit(text[end + 1])) {
    ++end;
    while (end < text.size() && IsDigit(text[end])) ++end;
  }
  std::string number(text.substr(*at, end - *at));
  *at = end;
  // JSON knows no leading zeros.
  while (number.size() > 1 && number[0] == '0' && IsDigit(number[1])) number.erase(0, 1);
  return number;
}

std::size_t SkipWords(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == 'w') ++at;
  return at;
}

}  // namespace

// words (number [unit] × …)* number unit words
std::vector<Quantity> ParseLengths(std::string_view mention) {
  constexpr std::size_t kMaxDigits = 12;
  const std::string text = Folded(mention);
  std::size_t at = SkipWords(text, 0);
  std::vector<Quantity> lengths;
  for (;;) {
    std::string number = TakeNumber(text, &at);
    if (number.empty() || number.size() > kMaxDigits) return {};
    lengths.push_back({std::move(number), ""});
    if (at < text.size() && (text[at] == 'm' || text[at] == 'c')) {
      lengths.back().unit = text[at++] == 'm' ? "mm" : "cm";
    }
    if (at >= text.size() || text[at] != 'x') break;
    ++at;
  }
  if (lengths.back().unit.empty() || SkipWords(text, at) != text.size()) return {};
  for (Quantity& length : lengths) {
    if (length.unit.empty()) length.unit = lengths.back().unit;
  }
  return lengths;
}

}  // namespace radie
