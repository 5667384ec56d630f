#include "libradie/write/display_text.h"

#include <algorithm>
#include <iterator>

#include "libradie/write/utf8_cursor.h"

namespace radie {
namespace {

struct CodePointRange {
  char32_t first, last;
};

// Combining marks and invisible format characters that occur in text around Japanese. Sorted.
constexpr CodePointRange kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},   {0x064B, 0x065F},  //
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF},  //
    {0x200B, 0x200F}, {0x2060, 0x2064}, {0x20D0, 0x20F0}, {0x302A, 0x302D},   {0x3099, 0x309A},  //
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

// East_Asian_Width W and F (UAX #11, Unicode 14), gaps of unassigned code points closed. Sorted.
constexpr CodePointRange kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},
    {0x23E9, 0x23EC},   {0x23F0, 0x23F0},  //
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267F, 0x267F},  //
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},
    {0x26BD, 0x26BE},   {0x26C4, 0x26C5},  //
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},
    {0x26F2, 0x26F3},   {0x26F5, 0x26F5},  //
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},
    {0x270A, 0x270B},   {0x2728, 0x2728},  //
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},  //
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B50},   {0x2B55, 0x2B55},  //
    {0x2E80, 0x303E},   {0x3041, 0x3247},   {0x3250, 0x4DBF},
    {0x4E00, 0xA4CF},   {0xA960, 0xA97C},  //
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},  //
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18D08}, {0x1AFF0, 0x1B2FB},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF},  //
    {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C},  //
    {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3},
    {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4},  //
    {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC},
    {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E},  //
    {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596},
    {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F},  //
    {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2},
    {0x1F6D5, 0x1F6DF}, {0x1F6EB, 0x1F6EC},  //
    {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7F0}, {0x1F90C, 0x1F93A},
    {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF},  //
    {0x1FA70, 0x1FAF6}, {0x20000, 0x3FFFD},
};

template <std::size_t N>
bool In(const CodePointRange (&ranges)[N], char32_t code_point) {
  const auto* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), code_point,
                       [](char32_t c, const CodePointRange& range) { return c < range.first; });
  return after != std::begin(ranges) && code_point <= std::prev(after)->last;
}

std::size_t CharacterWidth(char32_t code_point) {
  if (code_point < 0x300) return 1;
  if (In(kZeroWidth, code_point)) return 0;
  return In(kWide, code_point) ? 2 : 1;
}

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

}  // namespace

bool IsUnsafeToShow(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x2028 || c == 0x2029 ||
         (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const DecodedCharacter character = DecodeAt(text, at);
    width += CharacterWidth(character.code_point);
    at += character.bytes;
  }
  return width;
}

std::string OneSafeLine(std::string_view text) {
  std::string line;
  bool after_wide = true;  // so that a leading line break leaves nothing
  for (std::size_t at = 0; at < text.size();) {
    if (IsLineBreak(text[at])) {
      while (at < text.size() && IsLineBreak(text[at])) ++at;
      const bool before_wide =
          at == text.size() || CharacterWidth(DecodeAt(text, at).code_point) == 2;
      if (!after_wide && !before_wide) line += ' ';
      continue;
    }
    const DecodedCharacter character = DecodeAt(text, at);
    if (!character.valid || (IsUnsafeToShow(character.code_point) && text[at] != '\t')) {
      line += kReplacementUtf8;
    } else if (text[at] == '\t') {
      line += ' ';
    } else {
      line += text.substr(at, character.bytes);
    }
    after_wide = CharacterWidth(character.code_point) == 2;
    at += character.bytes;
  }
  return line;
}

}  // namespace radie
