// UTH-BERT's way with text before it is split into words, offsets kept.
#pragma once

#include "libradie/tokenize/characters.h"

namespace radie {

// What neologdn 0.5.6 makes of a text: widths folded, hyphens and prolonged sound marks made one
// and their repetitions left out, tildes left out, spaces left out next to Japanese. A character
// that stands for repetitions has all of their text.
Characters NeologdnCharacters(const Characters& text);

// neologdn, NFKC, the comma of 1,234 left out, other commas made 、, ASCII made full-width, spaces,
// controls and format characters left out. White space that is none of ASCII's becomes a space.
Characters UthCharacters(const Characters& text);

}  // namespace radie
