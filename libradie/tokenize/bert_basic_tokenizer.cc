#include "libradie/tokenize/bert_basic_tokenizer.h"

#include <utility>

namespace radie {

BertBasicTokenizer::BertBasicTokenizer(const TokenizerConfig& config,
                                       std::shared_ptr<const Vocab> vocab)
    : Tokenizer(std::move(vocab), config),
      options_{config.do_lower_case, config.strip_accents, config.tokenize_chinese_chars},
      word_piece_(this->vocab(), unk(), config.max_input_chars_per_word) {}

std::vector<Token> BertBasicTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  for (const Word& word : BasicTokenize(text, sentence, options_)) {
    word_piece_.AppendWord(word, &tokens);
  }
  return tokens;
}

}  // namespace radie
