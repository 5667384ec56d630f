#include "libradie/tokenize/uth_text.h"

#include <vector>

#include "libradie/text/full_width.h"
#include "libradie/text/neologdn.h"

namespace radie {
namespace {

// Of "1,234" the comma. "1,234,567" keeps its second one: the pattern has used up its digits.
Characters WithoutDigitCommas(const Characters& text) {
  Characters out;
  out.reserve(text.size());
  const auto digit = [&](std::size_t i) {
    return i < text.size() && IsDecimalDigit(text[i].code_point);
  };
  for (std::size_t i = 0; i < text.size();) {
    out.push_back(text[i]);
    if (digit(i) && i + 1 < text.size() && text[i + 1].code_point == ',' && digit(i + 2)) {
      for (i += 2; digit(i); ++i) out.push_back(text[i]);
    } else {
      ++i;
    }
  }
  return out;
}

bool IsDropped(char32_t c) {
  return c == 0 || c == ' ' || c == 0x3000 || c == 0xFFFD ||
         (c != '\t' && c != '\n' && c != '\r' && (IsControl(c) || IsFormat(c)));
}

}  // namespace

Characters UthCharacters(const Characters& text) {
  Characters out =
      WithoutDigitCommas(NormalizedCharacters(NormalForm::kNfkc, NeologdnCharacters(text)));
  std::erase_if(out, [](const Character& c) { return IsDropped(c.code_point); });
  for (Character& c : out) {
    if (c.code_point == ',' || c.code_point == 0xFF0C) c.code_point = U'、';
  }
  out = FullWidthCharacters(out, {});
  for (Character& c : out) {
    const char32_t point = c.code_point;
    if (point == '\t' || point == '\n' || point == '\r' || IsSpaceSeparator(point)) {
      c.code_point = ' ';
    }
  }
  return out;
}

}  // namespace radie
