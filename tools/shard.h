// --shard I/N: every N-th report, for jobs that share an archive.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace radie::tools {

struct Shard {
  std::size_t number = 1;  // 1 to count
  std::size_t count = 1;

  // Whether the report with so many before it is this shard's. They go round: so shards stay alike
  // however the archive is sorted, and lines of the shards in turn are the whole.
  bool Has(std::uint64_t before) const { return before % count == number - 1; }

  std::string Text() const { return std::to_string(number) + "/" + std::to_string(count); }
};

// "I/N" with 1 <= I <= N <= 1,000,000; nothing for anything else.
std::optional<Shard> ShardFromText(std::string_view text);

void AddShardOption(CLI::App& command, Shard& shard);

}  // namespace radie::tools
