#pragma once

#include <string>
#include <vector>

#include "libradie/tokenize/tokenizer.h"

namespace radie {

// Each token as "string=text it stands for".
inline std::vector<std::string> Pieces(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<std::string> pieces;
  for (const Token& token : tokenizer.Tokenize(text, {0, text.size()})) {
    pieces.push_back(tokenizer.vocab().token(token.id) + "=" +
                     text.substr(token.range.begin, token.range.size()));
  }
  return pieces;
}

using Strings = std::vector<std::string>;

}  // namespace radie
