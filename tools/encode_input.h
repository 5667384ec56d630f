// What radie encode reads: one sequence of token ids a line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "radie/radie.h"

namespace radie::tools {

// All sequences, ids and token types end to end.
struct Sequences {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types;  // as many
  std::vector<std::size_t> lengths;
  std::vector<std::vector<HeadPair>> pairs;  // of each sequence
};

// A line is an array of ids, or an object {"ids": […], "token_types": […], "pairs":
// [{"head": […], "tail": […]}]}, of which the last two may be absent. Everything is checked, so
// that nothing needs to be taken back later. Throws ExitError naming file and line.
Sequences ReadSequences(const std::string& path, const StageInfo& stage);

}  // namespace radie::tools
