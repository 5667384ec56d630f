// Token strings and their ids.
#pragma once

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

  std::optional<std::int32_t> Find(std::string_view token) const;
  const std::string& token(std::int32_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return tokens_.size(); }

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string_view, std::int32_t> ids_;  // keys view tokens_; so a Vocab does not copy (moves keep views valid)

 public:
  Vocab(const Vocab&) = delete;
  Vocab& operator=(const Vocab&) = delete;
  Vocab(Vocab&&) = default;
  Vocab& operator=(Vocab&&) = default;
};

}  // namespace radie
