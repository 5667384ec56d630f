// What jaconv's h2z makes of a text.
#pragma once

#include "libradie/text/characters.h"

namespace radie {

struct Widened {
  bool kana = true, digits = true;
  bool ascii = true;  // all of ASCII that prints but the digits; a space becomes U+3000
};

// Half-width characters made full-width as jaconv 0.5.0 does: a half-width kana and the half-width
// sound mark behind it become one character, which has the range of both.
Characters FullWidthCharacters(const Characters& text, const Widened& widened);

}  // namespace radie
