// Looks through the bytes of a SentencePiece model before the library that reads them does: it
// trusts what is in them (a trie that leads out of its array, a string without an end).
#pragma once

#include <cstddef>
#include <string_view>

namespace radie {

inline constexpr std::size_t kMaxSentencePieceBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxPieces = 1'000'000;

// Throws Error(kInvalidModel) for what no trainer writes: fields cut off, pieces that are empty, no
// UTF-8, there twice or with scores that are not finite, none or two unknown pieces, a
// normalisation table that leads out of itself; Error(kUnsupportedModel) for another algorithm than
// Unigram or what is over a cap.
void CheckSentencePieceModel(std::string_view bytes);

}  // namespace radie
