// From a sentence of normalised text to token ids, each with the text it stands for.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/base/tokenizer_config.h"
#include "libradie/tokenize/token.h"
#include "libradie/tokenize/vocab.h"

namespace radie {

// Immutable and thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Tokens of text[sentence], without special tokens. Ranges are in `text`, not in the sentence.
  // `text` is valid UTF-8 and `sentence` is inside it, on code point boundaries.
  virtual std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const = 0;

  const Vocab& vocab() const { return *vocab_; }
  std::int32_t unk() const { return unk_; }
  std::int32_t cls() const { return cls_; }
  std::int32_t sep() const { return sep_; }

 protected:
  Tokenizer(std::shared_ptr<const Vocab> vocab,
            const TokenizerConfig& config);  // throws as MakeTokenizer

 private:
  std::shared_ptr<const Vocab> vocab_;
  std::int32_t unk_, cls_, sep_;
};

// Throws Error: kUnsupportedModel for an unknown profile or one that this build lacks,
// kInvalidModel for a special token that the vocabulary lacks, and for profiles that use MeCab as
// FindDictionary and MecabDictionary::Open do.
std::unique_ptr<const Tokenizer> MakeTokenizer(const TokenizerConfig& given,
                                               std::shared_ptr<const Vocab> vocab);

}  // namespace radie
