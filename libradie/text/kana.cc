#include "libradie/text/kana.h"

#include <cstddef>
#include <string_view>

namespace radie {

char32_t FullWidthKana(char32_t c) {
  constexpr std::u32string_view kKana =  // of U+FF61 and what follows
      U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘ"
      U"ホマミムメモヤユヨラリルレロワン";
  return c >= 0xFF61 && c < 0xFF61 + kKana.size() ? kKana[c - 0xFF61] : 0;
}

char32_t WithSoundMark(char32_t letter, char32_t mark) {
  constexpr std::u32string_view kVoicedBefore = U"カキクケコサシスセソタチツテトハヒフヘホウう",
                                kVoicedAfter = U"ガギグゲゴザジズゼゾダヂヅデドバビブベボヴゔ",
                                kSemiVoicedBefore = U"ハヒフヘホはひふへほ",
                                kSemiVoicedAfter = U"パピプペポぱぴぷぺぽ";
  if (mark != kVoicedMark && mark != kSemiVoicedMark) return 0;
  const auto& before = mark == kVoicedMark ? kVoicedBefore : kSemiVoicedBefore;
  const std::size_t at = before.find(letter);
  if (at == before.npos) return 0;
  return (mark == kVoicedMark ? kVoicedAfter : kSemiVoicedAfter)[at];
}

}  // namespace radie
