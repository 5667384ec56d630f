// What tokenizers make of text.
#pragma once

#include <cstdint>

#include "libradie/base/ranges.h"

namespace radie {

// Ranges of a sentence's tokens are in order: neither begins nor ends ever decrease. They overlap
// only where several tokens came of one character, or of one segment that a normal form changed
// (㎜ that became "m", "m"; a Hangul syllable taken apart): each then has all of it.
struct Token {
  std::int32_t id;
  TextRange range;  // in the normalised text, on code point boundaries; not empty

  friend bool operator==(const Token&, const Token&) = default;
};

}  // namespace radie
