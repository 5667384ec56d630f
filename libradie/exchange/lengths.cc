// Numbers with units out of size mentions.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libradie/write/utf8_cursor.h"
#include "radie/fhir.h"

namespace radie {
namespace {

// What may stand around the numbers of a plain length; anything else, such as 以下, 弱, から, / or
// ², says that they are not the length.
constexpr std::u32string_view kBefore[] = {
    U"約",  U"およそ", U"ほぼ", U"最",    U"大",   U"小",       U"長",   U"短",   U"縦",
    U"横",  U"前後",   U"左右", U"上下",  U"全体", U"全",       U"直",   U"径",   U"軸",
    U"幅",  U"厚",     U"壁",   U"さ",    U"み",   U"きさ",     U"深",   U"高",   U"底",
    U"辺",  U"割面",   U"断面", U"で",    U"の",   U"サイズ",   U"φ",    U"ø",    U":",
    U"max", U"ca",     U"long", U"short", U"axis", U"diameter", U"size", U"about"};
constexpr std::u32string_view kBehind[] = {U"大きさ", U"大",   U"程度", U"程", U"ほど",
                                           U"前後",   U"内外", U"径",   U"長", U"短",
                                           U"厚",     U"幅",   U"の"};

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool IsOfNumber(char32_t c) { return IsDigit(c) || c == U'.'; }

// Full-width and upper-case letters, units of one character and radicals, as the grammar writes
// them.
std::u32string FoldedCharacter(char32_t c) {
  if (c >= U'！' && c <= U'～') c -= U'！' - U'!';
  if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
  switch (c) {
    case U'㎜':
      return U"mm";
    case U'㎝':
      return U"cm";
    case U'×':
    case U'*':
      return U"x";
    case U'⼤':
      return U"大";
    case U'⻑':
    case U'⾧':
      return U"長";
    case U'Φ':
    case U'⌀':
      return U"φ";
    default:
      return std::u32string(1, c);
  }
}

// One mention without white space. A report's lines break anywhere, also inside a number; but a
// space between two digits stays, for there it parts two numbers.
std::u32string Folded(std::string_view mention) {
  std::u32string folded;
  bool space = false;
  for (std::size_t at = 0; at < mention.size();) {
    const DecodedCharacter character = DecodeAt(mention, at);
    at += character.bytes;
    const char32_t c = character.code_point;
    if (c == U'\n' || c == U'\r') continue;
    if (c == U' ' || c == U'\u3000' || c == U'\t' || c == U'\u00a0') {
      space = true;
      continue;
    }
    const std::u32string next = FoldedCharacter(c);
    if (space && !folded.empty() && IsOfNumber(folded.back()) && IsOfNumber(next[0])) {
      folded += U' ';
    }
    folded += next;
    space = false;
  }
  return folded;
}

// A decimal at *at: digits, or digits, a point and digits. Empty when there is none.
std::string TakeNumber(std::u32string_view text, std::size_t* at) {
  std::size_t begin = *at, end = *at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  if (end == begin) return "";
  // JSON knows no leading zeros.
  while (begin + 1 < end && text[begin] == U'0') ++begin;
  if (end + 1 < text.size() && text[end] == U'.' && IsDigit(text[end + 1])) {
    ++end;
    while (end < text.size() && IsDigit(text[end])) ++end;
  }
  *at = end;
  return std::string(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(end));
}

// "mm" or "cm" at *at; empty when there is neither.
std::string TakeUnit(std::u32string_view text, std::size_t* at) {
  const std::u32string_view unit = text.substr(*at, 2);
  if (unit != U"mm" && unit != U"cm") return "";
  *at += 2;
  return unit == U"mm" ? "mm" : "cm";
}

template <std::size_t N>
std::size_t SkipWords(const std::u32string_view (&words)[N], std::u32string_view text,
                      std::size_t at) {
  for (;;) {
    const auto* const word =
        std::find_if(std::begin(words), std::end(words),
                     [&](std::u32string_view w) { return text.substr(at).starts_with(w); });
    if (word == std::end(words)) return at;
    at += word->size();
  }
}

}  // namespace

// words (number [unit] ×)* number unit words
std::vector<Quantity> ParseLengths(std::string_view mention) {
  constexpr std::size_t kMaxDigits = 12;
  const std::u32string text = Folded(mention);
  std::size_t at = SkipWords(kBefore, text, 0);
  std::vector<Quantity> lengths;
  for (;;) {
    std::string number = TakeNumber(text, &at);
    if (number.empty() || number.size() > kMaxDigits) return {};
    lengths.push_back({std::move(number), TakeUnit(text, &at)});
    if (at >= text.size() || text[at] != U'x') break;
    ++at;
  }
  if (lengths.back().unit.empty() || SkipWords(kBehind, text, at) != text.size()) return {};
  for (Quantity& length : lengths) {
    if (length.unit.empty()) length.unit = lengths.back().unit;
  }
  return lengths;
}

}  // namespace radie
