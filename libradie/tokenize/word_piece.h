// WordPiece: from a word to pieces of the vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libradie/tokenize/characters.h"
#include "libradie/tokenize/token.h"
#include "libradie/tokenize/vocab.h"

namespace radie {

class WordPiece {
 public:
  // The vocabulary must outlive this. max_word: code points.
  WordPiece(const Vocab& vocab, std::int32_t unk, std::size_t max_word)
      : vocab_(vocab), unk_(unk), max_word_(max_word) {}

  // From the left the longest piece in the vocabulary, those behind the first with a "##" before
  // them. A word that does not divide so, or is longer than max_word, is one unknown token.
  void AppendWord(const Word& word, std::vector<Token>* tokens) const;

  // The same for each word of text that may hold white space (Python's).
  void AppendWords(const Characters& text, std::vector<Token>* tokens) const;

 private:
  const Vocab& vocab_;
  const std::int32_t unk_;
  const std::size_t max_word_;
};

}  // namespace radie
