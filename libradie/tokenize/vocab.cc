#include "libradie/tokenize/vocab.h"

#include <algorithm>
#include <utility>

namespace radie {

Vocab::Vocab(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  ids_.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    ids_[tokens_[i]] = static_cast<std::int32_t>(i);
    longest_ = std::max(longest_, tokens_[i].size());
  }
}

std::optional<std::int32_t> Vocab::Find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

}  // namespace radie
