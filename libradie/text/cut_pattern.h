// Regular expressions that mark what is cut out of a text.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"

namespace radie {

// One of ICU's regular expressions, matched against each line by itself. Immutable and thread-safe.
class CutPattern {
 public:
  // At most 1,000 bytes of valid UTF-8. `name` is its place in the model file, for messages. Throws
  // Error(kInvalidModel) for what is no regular expression, Error(kUnsupportedModel) past the cap.
  CutPattern(std::string_view pattern, std::string name);
  ~CutPattern();
  CutPattern(CutPattern&&) noexcept;

  // The first `most` matches in the text (valid UTF-8), in order, some of them perhaps empty.
  // Ranges are on code point boundaries. Throws Error(kLimitExceeded) rather than take long: for
  // lines whose squared lengths in bytes add up to more than 10⁹, and past 10⁷ steps back of the
  // matcher. What it throws depends on pattern and text alone.
  std::vector<TextRange> Find(std::string_view text, std::size_t most) const;

 private:
  struct Compiled;

  std::string name_;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace radie
