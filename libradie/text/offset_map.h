// OffsetMap: which bytes of the caller's text a stretch of normalised text came from.
//
// Definition. The normalised text is a sequence of pieces; each piece is the smallest stretch that
// was replaced as a whole. A map is the list of pieces (source begin, source end, text begin, text
// end). Pieces are in order in both texts and do not overlap. Bytes of the source in no piece were
// left out (a NUL, a BOM), but for those between two parts of one piece (か, NUL, ゙ → が).
//
// Invariant. Piece ends are on code point boundaries of both texts; text pieces touch each other
// and cover the normalised text.
//
// Example. "ｶﾞ①\r\n" → "ガ1\n": pieces (0,6→0,3) (6,9→3,4) (9,11→4,5). The text range of "ガ"
// maps to all six bytes of ｶﾞ; the range of a part of a piece maps to the whole piece: "mm" of ㎜
// and its first "m" both map to ㎜.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "libradie/base/ranges.h"

namespace radie {

class OffsetMap {
 public:
  // Appends a piece. Must follow the last one in both texts; neither side may be empty. Throws
  // Error(kInternal) otherwise.
  void Append(SourceRange source, TextRange text);

  // Appends one piece for each code point of a stretch in which every code point has as many bytes
  // as the one it became.
  void AppendCopied(SourceRange source, TextRange text);

  // The smallest source range that holds every piece the (non-empty) text range touches. Ranges
  // given here and below are on code point boundaries and inside their text.
  SourceRange ToSource(TextRange text) const;

  // The smallest text range that holds every piece the source range touches; empty when all of it
  // was left out.
  TextRange ToText(SourceRange source) const;

  // The map to a further text that differs in this: of each of the one-byte code points at
  // `positions` (ascending) in the text, `width` bytes have become.
  OffsetMap Widened(std::span<const std::size_t> positions, std::size_t width) const;

  // The map to a further text: the source of `next` is this map's text. A piece is the smallest
  // stretch that holds whole pieces of both.
  OffsetMap Then(const OffsetMap& next) const;

 private:
  // Pieces of one shape that touch in both texts: `count` of them, each of source_unit bytes that
  // became text_unit bytes. A copied stretch is kept as one-byte pieces: on code point boundaries
  // that comes to the same.
  struct Run {
    std::size_t source_begin, text_begin, count, source_unit, text_unit;

    std::size_t source_end() const { return source_begin + count * source_unit; }
    std::size_t text_end() const { return text_begin + count * text_unit; }
  };

  std::size_t text_end() const { return runs_.empty() ? 0 : runs_.back().text_end(); }
  void AppendRun(const Run& run);
  void AppendOverlapping(SourceRange source, TextRange text);
  void AppendBehind(const OffsetMap& first, const Run& copied);

  std::vector<Run> runs_;
};

}  // namespace radie
