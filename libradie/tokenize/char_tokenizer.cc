#include "libradie/tokenize/char_tokenizer.h"

#include <utility>

#include "libradie/base/utf8.h"

namespace radie {

CharTokenizer::CharTokenizer(const TokenizerConfig& config, std::shared_ptr<const Vocab> vocab)
    : Tokenizer(std::move(vocab), config) {
  for (std::size_t i = 0; i < this->vocab().size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    const std::string& token = this->vocab().token(id);
    // The file's strings are UTF-8, but only those that are read whole as one code point are of use
    // here.
    if (token.empty() || Utf8Length(token[0]) != token.size()) continue;
    std::size_t position = 0;
    ids_[NextCodePoint(token, &position)] = id;
  }
}

std::vector<Token> CharTokenizer::Tokenize(std::string_view text, TextRange sentence) const {
  std::vector<Token> tokens;
  tokens.reserve(sentence.size() / 2);
  for (std::size_t position = sentence.begin; position < sentence.end;) {
    const std::size_t begin = position;
    const auto found = ids_.find(NextCodePoint(text, &position));
    tokens.push_back({found == ids_.end() ? unk() : found->second, {begin, position}});
  }
  return tokens;
}

}  // namespace radie
