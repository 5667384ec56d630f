// What a normalised text's map promises.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libradie/text/document.h"
#include "libradie/text/normalize.h"
#include "utf8_samples.h"

namespace radie {

// Every range maps back inside the text, onto code points, in order; and forth again to at least
// itself.
inline void ExpectExactMap(const NormalizedText& normalized, const std::string& text) {
  ASSERT_NO_THROW(Document::Decode(normalized.text));
  const std::vector<std::size_t> ends = Boundaries(normalized.text);
  SourceRange last{0, 0};
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const SourceRange one = normalized.map.ToSource({ends[i], ends[i + 1]});
    ASSERT_LT(one.begin, one.end);
    ASSERT_LE(one.end, text.size());
    ASSERT_TRUE(IsUtf8Boundary(text, one.begin) && IsUtf8Boundary(text, one.end));
    ASSERT_TRUE(one == last || one.begin >= last.end);
    last = one;
    for (std::size_t j = i + 1; j < ends.size(); j += 1 + j % 5) {
      const TextRange range{ends[i], ends[j]};
      const SourceRange source = normalized.map.ToSource(range);
      ASSERT_EQ(source.begin, one.begin);
      ASSERT_EQ(source.end, normalized.map.ToSource({ends[j - 1], ends[j]}).end);
      const TextRange back = normalized.map.ToText(source);
      ASSERT_TRUE(back.Contains(range));
      ASSERT_TRUE(IsUtf8Boundary(normalized.text, back.begin) &&
                  IsUtf8Boundary(normalized.text, back.end));
      ASSERT_EQ(normalized.map.ToSource(back), source);
    }
  }
}

}  // namespace radie
