#include "tools/shard.h"

#include <charconv>

namespace radie::tools {
namespace {

constexpr std::size_t kMaxShards = 1'000'000;

std::optional<std::size_t> Number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && value >= 1 && value <= kMaxShards ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<Shard> ShardFromText(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const std::optional<std::size_t> number = Number(text.substr(0, slash));
  const std::optional<std::size_t> count = Number(text.substr(slash + 1));
  if (!number || !count || *number > *count) return std::nullopt;
  return Shard{*number, *count};
}

void AddShardOption(CLI::App& command, Shard& shard) {
  command
      .add_option_function<std::string>(
          "--shard",
          [&shard](const std::string& text) {
            const std::optional<Shard> given = ShardFromText(text);
            if (!given) {
              throw CLI::ValidationError("--shard", "'" + text + "' is no I/N with I from 1 to N");
            }
            shard = *given;
          },
          "Only report I, I + N, I + 2N, … of the input, from 1: one job of N "
          "(docs/reliability.md)")
      ->type_name("I/N");
}

}  // namespace radie::tools
