// Profile `bert-basic`: BasicTokenizer, then WordPiece.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libradie/tokenize/basic_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"
#include "libradie/tokenize/word_piece.h"

namespace radie {

class BertBasicTokenizer final : public Tokenizer {
 public:
  BertBasicTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  const BasicTokenizerOptions options_;
  const WordPiece word_piece_;
};

}  // namespace radie
