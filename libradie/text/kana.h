// Half-width katakana and sound marks.
#pragma once

namespace radie {

inline constexpr char32_t kVoicedMark = 0xFF9E, kSemiVoicedMark = 0xFF9F;  // half-width ones

// The full-width character for U+FF61–U+FF9D (。「」、・, letters, ー); 0 for any other.
char32_t FullWidthKana(char32_t c);

// The letter with the (half-width) sound mark, ガ for カ and U+FF9E; 0 where there is none.
char32_t WithSoundMark(char32_t letter, char32_t mark);

}  // namespace radie
