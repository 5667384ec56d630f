// What neologdn makes of a text.
#pragma once

#include "libradie/text/characters.h"

namespace radie {

// neologdn 0.5.6 with its defaults: widths folded, hyphens and prolonged sound marks made one
// and their repetitions left out, tildes left out, spaces left out next to Japanese. A character
// that stands for repetitions has all of their text.
Characters NeologdnCharacters(const Characters& text);

}  // namespace radie
