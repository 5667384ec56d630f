#include "libradie/tokenize/bert_ja_tokenizer.h"

#include <utility>

#include "libradie/tokenize/basic_tokenizer.h"

namespace radie {
BertJaTokenizer::BertJaTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab,
                                 std::shared_ptr<const MecabDictionary> dictionary)
    : Tokenizer(std::move(vocab), config),
      words_(config.words),
      lower_(config.do_lower_case),
      normalize_(config.normalize_text),
      dictionary_(std::move(dictionary)),
      word_piece_(this->vocab(), unk(), config.max_input_chars_per_word),
      characters_(config.profile == "bert-ja-char"
                      ? std::make_unique<const CharVocab>(this->vocab())
                      : nullptr) {}

std::vector<Token> BertJaTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  switch (words_) {
    case WordSplitter::kNone:
      AppendSubwords(ReadCharacters(text, sentence), &tokens);
      break;
    case WordSplitter::kBasic:
      for (const Word& word : BasicTokenize(text, sentence, {lower_, lower_, false})) {
        AppendSubwords(word, &tokens);
      }
      break;
    case WordSplitter::kMecab: {
      Characters characters = ReadCharacters(text, sentence);
      if (normalize_) characters = NormalizedCharacters(NormalForm::kNfkc, characters);
      for (const Word& word : dictionary_->Split(characters)) {
        AppendSubwords(lower_ ? LoweredCharacters(word) : word, &tokens);
      }
    }
  }
  return tokens;
}

void BertJaTokenizer::AppendSubwords(const Characters& word, std::vector<Token>* tokens) const {
  if (characters_ == nullptr) return word_piece_.AppendWords(word, tokens);
  for (const Character& c : NormalizedCharacters(NormalForm::kNfkc, word)) {
    tokens->push_back({characters_->Find(c.code_point).value_or(unk()), c.range});
  }
}

}  // namespace radie
