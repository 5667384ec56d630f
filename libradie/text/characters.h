// Text as code points that know where they came from.
#pragma once

#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/text/unicode.h"

namespace radie {

struct Character {
  char32_t code_point;
  TextRange range;  // where it came from; from one to the next neither begins nor ends decrease
};

using Characters = std::vector<Character>;

// The code points of text[range], which is valid UTF-8.
Characters ReadCharacters(std::string_view text, TextRange range);

// Every character of a segment that the form changes has the whole segment's range.
Characters NormalizedCharacters(NormalForm form, const Characters& characters);

}  // namespace radie
