// Token sequences with markers round mentions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/tokenize/tokenizer.h"

namespace radie::internal {

struct MarkedMention {
  TokenRange tokens;                       // not empty
  std::int32_t start_id, end_id;           // its markers
  std::size_t start_row = 0, end_row = 0;  // filled in: where its markers stand in the sequence
};

// [CLS] tokens[text] [SEP] with the mentions' markers directly round their tokens. Mentions are in
// order and lie inside `text`. Two mentions that share a token (a word-piece cut by both) nest at
// it: end markers come before start markers.
std::vector<std::int32_t> BuildMarkedSequence(const std::vector<std::int32_t>& tokens,
                                              TokenRange text, const Tokenizer& tokenizer,
                                              std::vector<MarkedMention>& mentions);

}  // namespace radie::internal
