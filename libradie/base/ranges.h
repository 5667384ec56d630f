// Positions are typed: a byte of the caller's text, a byte of the normalised text and a token are
// different things, and only OffsetMap (text/offset_map.h) converts between the first two.
#pragma once

#include <cstddef>

namespace radie {

// Half-open [begin, end). Tag keeps the spaces apart at compile time and costs nothing.
template <typename Tag>
struct BasicRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool Contains(const BasicRange& other) const { return begin <= other.begin && other.end <= end; }
  bool Overlaps(const BasicRange& other) const { return begin < other.end && other.begin < end; }
  friend bool operator==(const BasicRange&, const BasicRange&) = default;
};

using SourceRange = BasicRange<struct SourceTag>;  // bytes of the caller's text
using TextRange = BasicRange<struct TextTag>;      // bytes of the normalised text, UTF-8
using TokenRange = BasicRange<struct TokenTag>;    // tokens of one tokenised sequence

}  // namespace radie
