// Profile `uth-bert`: UthCharacters, MeCab, punctuation apart, WordPiece.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libradie/tokenize/mecab_dictionary.h"
#include "libradie/tokenize/tokenizer.h"
#include "libradie/tokenize/word_piece.h"

namespace radie {

class UthBertTokenizer final : public Tokenizer {
 public:
  UthBertTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab,
                   std::shared_ptr<const MecabDictionary> dictionary);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  const std::shared_ptr<const MecabDictionary> dictionary_;
  const WordPiece word_piece_;
};

}  // namespace radie
