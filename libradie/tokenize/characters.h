// Text as code points that know where they came from, and what tokenizers do to it before they
// split it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/text/unicode.h"

namespace radie {

struct Character {
  char32_t code_point;
  TextRange
      range;  // where it came from; neither begins nor ends decrease from one character to the next
};

using Characters = std::vector<Character>;
using Word = Characters;  // not empty

// The code points of text[range], which is valid UTF-8.
Characters ReadCharacters(std::string_view text, TextRange range);

// Every character of a segment that the form changes has the whole segment's range.
Characters NormalizedCharacters(NormalForm form, const Characters& characters);

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
