// UTH-BERT's way with text before it is split into words, offsets kept.
#pragma once

#include "libradie/text/characters.h"

namespace radie {

// neologdn, NFKC, the comma of 1,234 left out, other commas made 、, ASCII made full-width, spaces,
// controls and format characters left out. White space that is none of ASCII's becomes a space.
Characters UthCharacters(const Characters& text);

}  // namespace radie
