#include "libradie/tokenize/uth_bert_tokenizer.h"

#include <utility>

#include "libradie/tokenize/characters.h"
#include "libradie/tokenize/uth_text.h"

namespace radie {

UthBertTokenizer::UthBertTokenizer(const TokenizerConfig& config,
                                   std::shared_ptr<const Vocab> vocab,
                                   std::shared_ptr<const MecabDictionary> dictionary)
    : Tokenizer(std::move(vocab), config),
      dictionary_(std::move(dictionary)),
      word_piece_(this->vocab(), unk(), config.max_input_chars_per_word) {}

std::vector<Token> UthBertTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  std::vector<Word> parts;
  for (const Word& word : dictionary_->Split(UthCharacters(ReadCharacters(text, sentence)))) {
    parts.clear();
    SplitAtPunctuation(word, &parts);
    for (const Word& part : parts) word_piece_.AppendWords(part, &tokens);
  }
  return tokens;
}

}  // namespace radie
