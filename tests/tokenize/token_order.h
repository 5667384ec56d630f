// What every tokenizer promises of its tokens' ranges.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libradie/base/utf8.h"
#include "libradie/tokenize/token.h"

namespace radie {

// Inside the sentence, on code points, not empty and in order.
inline void ExpectInOrder(const std::vector<Token>& tokens, const std::string& text,
                          TextRange sentence) {
  TextRange last{sentence.begin, sentence.begin};
  for (const Token& token : tokens) {
    ASSERT_LT(token.range.begin, token.range.end);
    ASSERT_TRUE(sentence.Contains(token.range));
    ASSERT_TRUE(IsUtf8Boundary(text, token.range.begin) && IsUtf8Boundary(text, token.range.end));
    ASSERT_GE(token.range.begin, last.begin);
    ASSERT_GE(token.range.end, last.end);
    last = token.range;
  }
}

}  // namespace radie
