#include "libradie/terms/folded_text.h"

#include <limits>

#include "libradie/base/utf8.h"
#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "libradie/text/unicode.h"
#include "radie/error.h"

namespace radie::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerLetter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

bool FoldedText::CutsWord(std::size_t i) const {
  if (i == 0 || i == size() || after_space[i]) return false;
  const char before = text[starts[i] - 1], after = text[starts[i]];
  if (IsDigit(before) && IsDigit(after)) return true;
  if (IsLowerLetter(before) && IsLowerLetter(after)) return true;
  // On either side of the point in a decimal number.
  const auto is_point = [&](std::size_t at) {
    return at > 0 && at + 1 < size() && text[starts[at]] == '.' && IsDigit(text[starts[at] - 1]) &&
           IsDigit(text[starts[at + 1]]) && !after_space[at] && !after_space[at + 1];
  };
  return is_point(i) || is_point(i - 1);
}

FoldedText Fold(std::string_view utf8) {
  const std::string normal =
      Normalize(Document::Decode(utf8), NormalizationProfile::kRadiologyJa).text;
  if (normal.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kLimitExceeded, "the text is longer than 4 GiB");
  }
  FoldedText folded;
  folded.text.reserve(normal.size());
  bool space = false;
  for (std::size_t i = 0; i < normal.size();) {
    const char32_t c = NextCodePoint(normal, &i);
    if (IsWhiteSpace(c)) {
      space = true;
      continue;
    }
    folded.starts.push_back(static_cast<std::uint32_t>(folded.text.size()));
    folded.after_space.push_back(space);
    space = false;
    AppendUtf8(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c, &folded.text);
  }
  folded.starts.push_back(static_cast<std::uint32_t>(folded.text.size()));
  return folded;
}

}  // namespace radie::internal
