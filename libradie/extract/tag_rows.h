// Which tokens of a sentence a tagger's path runs over: all, or one of each word, as the model was
// trained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/model/config.h"
#include "libradie/nn/tensor.h"
#include "libradie/tokenize/vocab.h"

namespace radie::internal {

// What a stage's path runs over. Immutable.
struct TagPath {
  TagPath(const EntitiesConfig& config, const Vocab& vocab);

  // By id, whether a token goes on with the word before it (`##…`); empty where every token is a
  // word of its own.
  std::vector<bool> continuing;
  bool last_token;      // of a word, not the first, is in the path
  bool special_tokens;  // [CLS] and [SEP] are in it
};

// The words of one sentence, of which one token each takes part in the path.
class TagRows {
 public:
  // ids: the sentence's tokens without [CLS] and [SEP], each in the vocabulary.
  TagRows(const TagPath& path, std::span<const std::int32_t> ids);

  // The emissions of the path, out of those of [CLS], the tokens and [SEP].
  Tensor Select(ConstMatrixView whole) const;

  // The sentence's row, 0 for [CLS], of each position of the path.
  const std::vector<std::size_t>& rows() const { return rows_; }

  // From the words of a mention to their tokens.
  TokenRange TokensOf(TokenRange words) const {
    return {words_[words.begin].begin, words_[words.end - 1].end};
  }

 private:
  std::vector<TokenRange> words_;
  std::vector<std::size_t> rows_;
};

}  // namespace radie::internal
