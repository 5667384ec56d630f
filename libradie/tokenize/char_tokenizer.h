// Profile `char`: one token a code point.
#pragma once

#include <memory>
#include <unordered_map>

#include "libradie/tokenize/tokenizer.h"

namespace radie {

class CharTokenizer final : public Tokenizer {
 public:
  CharTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  std::unordered_map<char32_t, std::int32_t> ids_;  // the vocabulary's tokens of one code point
};

}  // namespace radie
