#include "libradie/tokenize/char_tokenizer.h"

#include <utility>

#include "libradie/base/utf8.h"

namespace radie {

CharTokenizer::CharTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab)
    : Tokenizer(std::move(vocab), config), characters_(this->vocab()) {}

std::vector<Token> CharTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  tokens.reserve(sentence.size() / 2);
  for (std::size_t position = sentence.begin; position < sentence.end;) {
    const std::size_t begin = position;
    const char32_t c = NextCodePoint(text, &position);
    tokens.push_back({characters_.Find(c).value_or(unk()), {begin, position}});
  }
  return tokens;
}

}  // namespace radie
