// What an encoder reads in one pass: sequences end to end, without padding.
#pragma once

#include <array>
#include <compare>  // IWYU pragma: keep (a defaulted <=> needs it)
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace radie {

// Four rows beside a text, at positions that the text has too. They read the text and each other;
// neither the text nor another group reads them.
struct MarkerGroup {
  static constexpr std::size_t kRows = 4;
  std::array<std::int32_t, kRows> ids = {};
  std::array<std::int32_t, kRows> positions = {};

  friend auto operator<=>(const MarkerGroup&, const MarkerGroup&) = default;
};

// Sequences end to end; sequence s is [offsets[s], offsets[s+1]).
struct RaggedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> token_types;  // empty: all 0
  std::vector<std::int32_t> positions;    // empty: counted from 0 in each sequence
  std::vector<std::size_t> offsets = {0};
  std::vector<std::size_t> texts;  // rows of each sequence's text, behind which MarkerGroups stand;
                                   // empty: there are none

  std::size_t sequences() const { return offsets.size() - 1; }
  std::size_t tokens() const { return ids.size(); }

  std::size_t groups() const {
    std::size_t of_texts = 0;
    for (const std::size_t rows : texts) of_texts += rows;
    return texts.empty() ? 0 : (tokens() - of_texts) / MarkerGroup::kRows;
  }

  std::size_t text_end(std::size_t sequence) const {
    return texts.empty() ? offsets[sequence + 1] : offsets[sequence] + texts[sequence];
  }
  // `types`: as many as ids, or none, which means 0.
  void Add(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& types = {},
           std::span<const MarkerGroup> groups = {});

 private:
  void CountTexts();
  void AppendPositions(std::size_t count);
};

}  // namespace radie
