// Which characters a MeCab dictionary puts into one class.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace radie {

// Immutable and thread-safe.
class CharacterKinds {
 public:
  // Of a compiled dictionary's char.bin. Throws Error(kIo) where it is none.
  explicit CharacterKinds(const std::string& path);

  // MeCab looks at the rest of a run of one class from each of its characters, so that a run takes
  // time in the square of its length. Throws Error(kLimitExceeded) when the squared lengths of runs
  // of more than 1,000 characters add up to more than 10⁸. The characters of a class that MeCab
  // does not group, such as most kanji, are looked at once.
  void CheckRuns(std::u32string_view text) const;

 private:
  std::uint32_t Info(char32_t c) const;

  std::vector<std::uint32_t> infos_;  // by code point
};

}  // namespace radie
