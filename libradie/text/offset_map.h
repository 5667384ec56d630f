// OffsetMap: which bytes of the caller's text a stretch of normalised text came from.
//
// Definition. The normalised text is a sequence of pieces; each piece is the smallest stretch that was replaced as a whole. A map
// is the list of pieces (source begin, source end, text begin, text end). Pieces are in order in both texts and do not
// overlap. Bytes of the source in no piece were left out (a NUL, a BOM).
//
// Invariant. Piece ends are on code point boundaries of both texts; text pieces touch each other and cover the normalised text.
//
// Example. "ｶﾞ①\r\n" → "ガ1\n": pieces (0,6→0,3) (6,9→3,4) (9,11→4,5). The text range of "ガ" maps to all six bytes of ｶﾞ; the
// range of a part of a piece maps to the whole piece: "mm" of ㎜ and its first "m" both map to ㎜.
#pragma once

#include <cstddef>
#include <vector>

#include "libradie/base/ranges.h"

namespace radie {

class OffsetMap {
 public:
  // Appends a piece. Must follow the last one in both texts; neither side may be empty.
  void Append(SourceRange source, TextRange text);

  // The smallest source range that holds every piece the (non-empty) text range touches.
  SourceRange ToSource(TextRange text) const;

  // The smallest text range that holds every piece the source range touches; empty when all of it was left out.
  TextRange ToText(SourceRange source) const;

 private:
  struct Piece {
    std::size_t source_begin, source_end, text_begin, text_end;
  };
  std::vector<Piece> pieces_;  // runs of pieces that map code point to code point of equal length may be stored as one: see .cc
};

}  // namespace radie
