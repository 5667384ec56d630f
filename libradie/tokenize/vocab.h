// Token strings and their ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace radie {

class Vocab {
 public:
  // Position = id. When a token occurs twice, its last position is its id (as transformers does).
  explicit Vocab(std::vector<std::string> tokens);
  Vocab(const Vocab&) = delete;
  Vocab& operator=(const Vocab&) = delete;
  Vocab(Vocab&&) = default;
  Vocab& operator=(Vocab&&) = default;

  std::optional<std::int32_t> Find(std::string_view token) const;
  const std::string& token(std::int32_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return tokens_.size(); }

  // Bytes of the longest token.
  std::size_t longest() const { return longest_; }

 private:
  std::vector<std::string> tokens_;
  // Keys view tokens_: so a Vocab does not copy. A move keeps the strings, and with them the views,
  // where they are.
  std::unordered_map<std::string_view, std::int32_t> ids_;
  std::size_t longest_ = 0;
};

}  // namespace radie
