// Profile `bert-basic`: BasicTokenizer, then WordPiece.
#pragma once

#include <cstddef>
#include <memory>

#include "libradie/tokenize/basic_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"

namespace radie {

class BertBasicTokenizer final : public Tokenizer {
 public:
  BertBasicTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  // WordPiece: from the left the longest piece in the vocabulary, those behind the first with a
  // "##" before them. A word that does not divide so, or is too long, is one unknown token.
  void AppendPieces(const Word& word, std::vector<Token>* tokens) const;

  const BasicTokenizerOptions options_;
  const std::size_t max_word_;  // code points
};

}  // namespace radie
