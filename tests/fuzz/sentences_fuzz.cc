// Sentences of any text: in order, not empty, and nothing but white space outside of them.
#include <string>
#include <vector>

#include "fuzz.h"
#include "libradie/base/utf8.h"
#include "libradie/text/sentences.h"

namespace radie::fuzz {
namespace {

// Unicode's White_Space, by the list.
bool IsWhite(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool AllWhite(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!IsWhite(NextCodePoint(text, &at))) return false;
  }
  return true;
}

void Check(const std::string& text, SentenceRules rules) {
  const std::string_view view = text;
  std::size_t last = 0;
  for (const TextRange& range : SplitSentences(text, rules)) {
    ASSERT_TRUE(range.begin >= last && range.begin < range.end && range.end <= text.size());
    ASSERT_TRUE(IsUtf8Boundary(text, range.begin) && IsUtf8Boundary(text, range.end));
    ASSERT_TRUE(AllWhite(view.substr(last, range.begin - last)));
    ASSERT_FALSE(AllWhite(view.substr(range.begin, Utf8Length(text[range.begin]))));
    std::size_t end = range.end - 1;
    while (!IsUtf8Boundary(text, end)) --end;
    ASSERT_FALSE(AllWhite(view.substr(end, range.end - end)));
    last = range.end;
  }
  ASSERT_TRUE(AllWhite(view.substr(last)));
}

}  // namespace

RADIE_FUZZ_TARGET(sentences) {
  const std::string text = WellFormed(bytes, 4096);
  Check(text, SentenceRules::kRadiologyJa);
  Check(text, SentenceRules::kNone);
  ASSERT_LE(SplitSentences(text, SentenceRules::kNone).size(), 1U);
}

}  // namespace radie::fuzz
