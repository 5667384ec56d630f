#include "libradie/text/full_width.h"

#include "libradie/text/kana.h"

namespace radie {

Characters FullWidthCharacters(const Characters& text, const Widened& widened) {
  Characters out;
  out.reserve(text.size());
  for (auto at = text.begin(); at != text.end(); ++at) {
    const char32_t c = at->code_point;
    out.push_back(*at);
    Character& wide = out.back();
    if (c >= '0' && c <= '9') {
      if (widened.digits) wide.code_point += 0xFEE0;
    } else if (c == ' ') {
      if (widened.ascii) wide.code_point = 0x3000;
    } else if (c > ' ' && c < 0x7F) {
      if (widened.ascii) wide.code_point += 0xFEE0;
    } else if (const char32_t kana = FullWidthKana(c); kana != 0 && widened.kana) {
      wide.code_point = kana;
      if (at + 1 == text.end()) break;
      if (const char32_t marked = WithSoundMark(kana, at[1].code_point); marked != 0) {
        ++at;
        wide = {marked, {wide.range.begin, at->range.end}};
      }
    }
  }
  return out;
}

}  // namespace radie
