// Profiles `bert-ja-mecab-ipadic`, `bert-ja-mecab-unidic` and `bert-ja-char`: what transformers'
// BertJapaneseTokenizer does, with offsets.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libradie/tokenize/char_vocab.h"
#include "libradie/tokenize/mecab_dictionary.h"
#include "libradie/tokenize/tokenizer.h"
#include "libradie/tokenize/word_piece.h"

namespace radie {

class BertJaTokenizer final : public Tokenizer {
 public:
  // The dictionary is not null where config.words is kMecab.
  BertJaTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab,
                  std::shared_ptr<const MecabDictionary> dictionary);

  std::vector<Token> Tokenize(std::string_view text, TextRange sentence) const override;

 private:
  void AppendSubwords(const Characters& word, std::vector<Token>* tokens) const;

  const WordSplitter words_;
  const bool lower_, normalize_;
  const std::shared_ptr<const MecabDictionary> dictionary_;  // or null
  const WordPiece word_piece_;
  const std::unique_ptr<const CharVocab> characters_;  // null: the subwords are word pieces
};

}  // namespace radie
