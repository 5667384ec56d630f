// The tokens of a vocabulary that are one code point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "libradie/base/utf8.h"
#include "libradie/tokenize/vocab.h"

namespace radie {

class CharVocab {
 public:
  explicit CharVocab(const Vocab& vocab) {
    for (std::size_t i = 0; i < vocab.size(); ++i) {
      const auto id = static_cast<std::int32_t>(i);
      const std::string& token = vocab.token(id);
      // The file's strings are UTF-8, but only those that are read whole as one code point are of
      // use here.
      if (token.empty() || Utf8Length(token[0]) != token.size()) continue;
      std::size_t position = 0;
      ids_[NextCodePoint(token, &position)] = id;
    }
  }

  std::optional<std::int32_t> Find(char32_t code_point) const {
    const auto found = ids_.find(code_point);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::unordered_map<char32_t, std::int32_t> ids_;
};

}  // namespace radie
