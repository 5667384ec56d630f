#include "libradie/text/offset_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "radie/error.h"

namespace radie {
namespace {

struct Piece {
  SourceRange source;
  TextRange text;
};

// The definition, piece by piece.
SourceRange NaiveToSource(const std::vector<Piece>& pieces, TextRange range) {
  SourceRange result;
  bool any = false;
  for (const Piece& piece : pieces) {
    if (!piece.text.Overlaps(range)) continue;
    if (!any) result.begin = piece.source.begin;
    result.end = piece.source.end;
    any = true;
  }
  return result;
}

TextRange NaiveToText(const std::vector<Piece>& pieces, SourceRange range) {
  TextRange result;
  bool any = false;
  for (const Piece& piece : pieces) {
    if (!piece.source.Overlaps(range)) continue;
    if (!any) result.begin = piece.text.begin;
    result.end = piece.text.end;
    any = true;
  }
  return result;
}

OffsetMap MapOf(const std::vector<Piece>& pieces) {
  OffsetMap map;
  for (const Piece& piece : pieces) {
    if (piece.source.size() == 1 && piece.text.size() == 1) {
      map.AppendCopied(piece.source, piece.text);
    } else {
      map.Append(piece.source, piece.text);
    }
  }
  return map;
}

std::vector<Piece> RandomPieces(std::mt19937* random, std::size_t* source_size) {
  std::vector<Piece> pieces;
  std::size_t source = 0, text = 0;
  for (std::size_t n = (*random)() % 20; n > 0; --n) {
    if ((*random)() % 4 == 0) source += (*random)() % 3;
    // Few shapes, so that runs form.
    const std::size_t source_size = 1 + (*random)() % 2 * 2, text_size = 1 + (*random)() % 2 * 2;
    pieces.push_back({{source, source + source_size}, {text, text + text_size}});
    source += source_size;
    text += text_size;
  }
  *source_size = source + (*random)() % 3;
  return pieces;
}

TEST(OffsetMapTest, AgreesWithTheListOfPiecesOnEveryRange) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::size_t source_size = 0;
    const std::vector<Piece> pieces = RandomPieces(&random, &source_size);
    const OffsetMap map = MapOf(pieces);
    const std::size_t text_size = pieces.empty() ? 0 : pieces.back().text.end;
    for (std::size_t begin = 0; begin < text_size; ++begin) {
      for (std::size_t end = begin + 1; end <= text_size; ++end) {
        ASSERT_EQ(map.ToSource({begin, end}), NaiveToSource(pieces, {begin, end}));
      }
    }
    for (std::size_t begin = 0; begin < source_size; ++begin) {
      for (std::size_t end = begin + 1; end <= source_size; ++end) {
        const TextRange naive = NaiveToText(pieces, {begin, end});
        const TextRange range = map.ToText({begin, end});
        if (naive.empty()) {
          ASSERT_TRUE(range.empty());
          ASSERT_LE(range.end, text_size);
        } else {
          ASSERT_EQ(range, naive);
        }
      }
    }
  }
}

TEST(OffsetMapTest, WidenedGrowsThePiecesThatHoldThePositions) {
  std::mt19937 random(8);
  for (int round = 0; round < 2000; ++round) {
    std::size_t source_size = 0;
    std::vector<Piece> pieces = RandomPieces(&random, &source_size);
    const std::size_t text_size = pieces.empty() ? 0 : pieces.back().text.end;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < text_size; ++i) {
      if (random() % 3 == 0) positions.push_back(i);
    }
    const OffsetMap map = MapOf(pieces).Widened(positions, 3);
    std::size_t text = 0;
    for (Piece& piece : pieces) {
      std::size_t size = piece.text.size();
      for (const std::size_t position : positions) {
        if (piece.text.begin <= position && position < piece.text.end) size += 2;
      }
      piece.text = {text, text + size};
      text += size;
    }
    for (std::size_t begin = 0; begin < text; ++begin) {
      for (std::size_t end = begin + 1; end <= text; ++end) {
        ASSERT_EQ(map.ToSource({begin, end}), NaiveToSource(pieces, {begin, end}));
      }
    }
  }
}

// The pieces of the second map as they lie in the first one's source; those that meet there are
// one.
std::vector<Piece> NaiveThen(const std::vector<Piece>& first, const std::vector<Piece>& second) {
  std::vector<Piece> pieces;
  for (const Piece& piece : second) {
    const SourceRange source = NaiveToSource(first, {piece.source.begin, piece.source.end});
    if (!pieces.empty() && source.begin < pieces.back().source.end) {
      pieces.back().source.end = std::max(pieces.back().source.end, source.end);
      pieces.back().text.end = piece.text.end;
    } else {
      pieces.push_back({source, piece.text});
    }
  }
  return pieces;
}

TEST(OffsetMapTest, ThenIsOneMapAfterTheOther) {
  std::mt19937 random(9);
  for (int round = 0; round < 3000; ++round) {
    std::size_t source_size = 0, size = 0;
    const std::vector<Piece> first = RandomPieces(&random, &source_size);
    std::vector<Piece> second = RandomPieces(&random, &size);
    const std::size_t text_size = first.empty() ? 0 : first.back().text.end;
    while (!second.empty() && second.back().source.end > text_size) second.pop_back();
    const OffsetMap map = MapOf(first).Then(MapOf(second));
    const std::vector<Piece> pieces = NaiveThen(first, second);
    const std::size_t end_of_text = second.empty() ? 0 : second.back().text.end;
    for (std::size_t begin = 0; begin < end_of_text; ++begin) {
      for (std::size_t end = begin + 1; end <= end_of_text; ++end) {
        const SourceRange source = map.ToSource({begin, end});
        ASSERT_EQ(source, NaiveToSource(pieces, {begin, end}));
        ASSERT_EQ(map.ToText(source), NaiveToText(pieces, source));
      }
    }
  }
}

TEST(OffsetMapTest, RefusesPiecesOutOfOrder) {
  OffsetMap map;
  map.Append({2, 4}, {0, 1});
  EXPECT_THROW(map.Append({3, 5}, {1, 2}), Error);  // overlaps in the source
  EXPECT_THROW(map.Append({4, 5}, {2, 3}), Error);  // a hole in the text
  EXPECT_THROW(map.Append({4, 5}, {0, 1}), Error);
  EXPECT_THROW(map.Append({4, 4}, {1, 2}), Error);
  EXPECT_THROW(map.Append({4, 5}, {1, 1}), Error);
  EXPECT_THROW(map.AppendCopied({4, 6}, {1, 2}), Error);
  EXPECT_EQ(map.ToSource({0, 1}), (SourceRange{2, 4}));
  EXPECT_THROW(map.ToSource({0, 0}), Error);
  EXPECT_THROW(map.ToSource({0, 2}), Error);
  EXPECT_THROW(OffsetMap().ToSource({0, 1}), Error);
}

TEST(OffsetMapTest, WhatWasLeftOutMapsToNothing) {
  OffsetMap map;
  map.Append({3, 6}, {0, 3});
  map.Append({7, 8}, {3, 4});
  EXPECT_TRUE(map.ToText({0, 3}).empty());
  EXPECT_EQ(map.ToText({6, 7}), (TextRange{3, 3}));
  EXPECT_EQ(map.ToText({8, 9}), (TextRange{4, 4}));
  EXPECT_EQ(map.ToText({0, 9}), (TextRange{0, 4}));
  EXPECT_TRUE(OffsetMap().ToText({0, 5}).empty());
}

}  // namespace
}  // namespace radie
