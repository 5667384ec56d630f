// Which tokens of a sentence a tagger's path runs over: all, or one of each word, as the model was
// trained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/extract/loaded_model.h"
#include "libradie/nn/tensor.h"

namespace radie::internal {

// By id, whether a token goes on with the word before it (`##…`).
std::vector<bool> ContinuingTokens(const Vocab& vocab);

// The words of one sentence, of which one token each takes part in the path.
class TagRows {
 public:
  // ids: the sentence's tokens without [CLS] and [SEP]. Keeps a reference to the stage.
  TagRows(const EntityStage& stage, std::span<const std::int32_t> ids);

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
