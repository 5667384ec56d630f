// Hashes of all stretches of a text, each in constant time once the text has been read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace radie::internal {

// The hash of bytes b₁…bₙ is mixed from Σ (bᵢ + 1) · kBase^(n-i) modulo 2⁶⁴. Texts that differ may
// share it; whoever looks up compares the bytes.
class PrefixHash {
 public:
  explicit PrefixHash(std::string_view text) : sums_{0}, powers_{1} {
    sums_.reserve(text.size() + 1);
    powers_.reserve(text.size() + 1);
    for (const char c : text) {
      sums_.push_back(Next(sums_.back(), c));
      powers_.push_back(powers_.back() * kBase);
    }
  }

  // Of text[begin, end).
  std::uint64_t Of(std::size_t begin, std::size_t end) const {
    return Mix(sums_[end] - sums_[begin] * powers_[end - begin]);
  }

  // Of a whole text, the same as a stretch of the same bytes has.
  static std::uint64_t OfAll(std::string_view text) {
    std::uint64_t sum = 0;
    for (const char c : text) sum = Next(sum, c);
    return Mix(sum);
  }

 private:
  static constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15;  // odd, so that no power of it is 0

  static std::uint64_t Next(std::uint64_t sum, char c) {
    return sum * kBase + static_cast<unsigned char>(c) + 1;
  }

  // The sum's low bits depend on the bytes' low bits only.
  static std::uint64_t Mix(std::uint64_t sum) {
    sum = (sum ^ sum >> 32) * 0xD6E8FEB86659FD93;
    return sum ^ sum >> 32;
  }

  std::vector<std::uint64_t> sums_;    // of the first i bytes
  std::vector<std::uint64_t> powers_;  // of kBase
};

}  // namespace radie::internal
