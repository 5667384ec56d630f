// Any pattern of a model file on any text: refused, or bounded in time with ranges in order.
#include <string>
#include <vector>

#include "fuzz.h"
#include "libradie/base/utf8.h"
#include "libradie/text/cut_pattern.h"
#include "radie/error.h"

namespace radie::fuzz {

RADIE_FUZZ_TARGET(cut_pattern) {
  const std::size_t cut = std::min(bytes.find('\n'), bytes.size());
  const std::string_view rest = bytes.substr(std::min(cut + 1, bytes.size()));
  const std::string text = WellFormed(rest, 4096);
  try {
    const CutPattern pattern(bytes.substr(0, cut), "pattern");
    const std::vector<TextRange> all = pattern.Find(text, text.size() + 1);
    std::size_t last = 0;
    for (const TextRange& range : all) {
      ASSERT_TRUE(range.begin >= last && range.end >= range.begin && range.end <= text.size());
      ASSERT_TRUE(IsUtf8Boundary(text, range.begin) && IsUtf8Boundary(text, range.end));
      last = range.end;
    }
    const std::vector<TextRange> first = pattern.Find(text, 1);
    ASSERT_EQ(first.empty(), all.empty());
    if (!all.empty()) {
      ASSERT_EQ(first.front(), all.front());
    }
  } catch (const Error& error) {
    ASSERT_NE(error.code(), ErrorCode::kInternal) << error.what();
    ASSERT_NO_THROW(WellFormed(error.what(), 1000));
  }
}

}  // namespace radie::fuzz
