#include "libradie/tokenize/characters.h"

#include <string>

namespace radie {

Characters LoweredCharacters(const Characters& characters) {
  std::u32string code_points, lower;
  for (const Character& c : characters) code_points.push_back(c.code_point);
  Characters result;
  result.reserve(characters.size());
  for (std::size_t i = 0; i < characters.size(); ++i) {
    lower.clear();
    AppendLower(code_points, i, &lower);
    for (const char32_t c : lower) result.push_back({c, characters[i].range});
  }
  return result;
}

bool IsBertPunctuation(char32_t c) {
  if (c < 0x80) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  }
  return IsPunctuation(c);
}

void SplitAtPunctuation(const Characters& characters, std::vector<Word>* words) {
  bool in_word = false;
  for (const Character& c : characters) {
    const bool punctuation = IsBertPunctuation(c.code_point);
    if (punctuation || !in_word) words->emplace_back();
    words->back().push_back(c);
    in_word = !punctuation;
  }
}

}  // namespace radie
