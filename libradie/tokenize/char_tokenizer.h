// Profile `char`: one token a code point.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libradie/tokenize/char_vocab.h"
#include "libradie/tokenize/tokenizer.h"

namespace radie {

class CharTokenizer final : public Tokenizer {
 public:
  CharTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  const CharVocab characters_;
};

}  // namespace radie
