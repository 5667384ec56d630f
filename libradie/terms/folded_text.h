// The form in which mentions and terms are compared, so that the same words are the same bytes:
// radiology-ja's normalisation, then ASCII in lower case, then white space left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace radie::internal {

struct FoldedText {
  std::string text;                   // UTF-8
  std::vector<std::uint32_t> starts;  // the byte each code point begins at, then text.size()
  std::vector<bool> after_space;      // of each code point: white space was left out before it

  std::size_t size() const { return starts.size() - 1; }  // code points

  // Whether a cut before code point `i` (0…size()) parts two ASCII letters, two ASCII digits or the
  // parts of a decimal number that stood together: S1 is not in S10, nor mass in massive, nor 5mm
  // in 1.5mm.
  bool CutsWord(std::size_t i) const;
};

// Throws Error(kInvalidText) when the text is not UTF-8, Error(kLimitExceeded) past 4 GiB.
FoldedText Fold(std::string_view utf8);

}  // namespace radie::internal
