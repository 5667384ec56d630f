// What tokenizers do to characters before they split them.
#pragma once

#include <vector>

#include "libradie/text/characters.h"

namespace radie {

using Word = Characters;  // not empty

// Lower case as Python's str.lower() of the whole; a character's letters have its range.
Characters LoweredCharacters(const Characters& characters);

// What separates words for Python's str.split(): White_Space and the four information separators.
inline bool IsPythonSpace(char32_t c) {
  if (c <= ' ') return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c >= 0x80 && IsWhiteSpace(c);
}

// What BERT splits words at: ASCII but for letters and digits, and category P*.
bool IsBertPunctuation(char32_t c);

// Each punctuation mark is a word, and what lies between two of them.
void SplitAtPunctuation(const Characters& characters, std::vector<Word>* words);

}  // namespace radie
