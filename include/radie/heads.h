// What the heads of a model make of hidden states, before anything is decided. For comparing a
// converted model with its checkpoint; Extractor is for all else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "radie/export.h"
#include "radie/model.h"

namespace radie {

// Which states of a sequence one pair reads: of each mention one row, or two that are averaged;
// with pooling "span" and "mention" all of its rows, one after the other. With pooling "cls" `head`
// is {0} and `tail` is empty.
struct HeadPair {
  std::vector<std::size_t> head, tail;
};

// Of one sequence, as an Encoder of the same stage gives its states: [tokens, hidden_size]. Const
// and thread-safe.
class RADIE_API Heads {
 public:
  // Throws Error(kInvalidArgument) for no model.
  explicit Heads(std::shared_ptr<const Model> model);

  // Scores by label before decoding, [tokens, labels]. Throws Error(kInvalidArgument) where the
  // model has no entity stage, or the size is no multiple of its hidden size.
  std::vector<float> Emissions(std::span<const float> states) const;

  // The decoded label of each token, as the model's path runs over them: -1 for [CLS] and [SEP]
  // (the first and the last token) where they have no part in it, and for sub-words that are not
  // read. `emissions` are those of the sequence `ids`. Throws Error(kInvalidArgument) where sizes
  // do not fit or an id is out of range.
  std::vector<std::int32_t> Labels(std::span<const std::int32_t> ids,
                                   std::span<const float> emissions) const;

  // The relation stage's logits before the types' mask, [pairs, labels]. Throws
  // Error(kInvalidArgument) where the model has no such stage, sizes do not fit, or a row is out of
  // range.
  std::vector<float> RelationLogits(std::span<const float> states,
                                    std::span<const HeadPair> pairs) const;

 private:
  std::shared_ptr<const Model> model_;
};

}  // namespace radie
