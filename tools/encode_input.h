// What radie encode reads: one sequence of token ids a line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "radie/radie.h"

namespace radie::tools {

// All sequences, ids, token types and positions end to end.
struct Sequences {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> types;  // as many
  std::vector<std::size_t> lengths;
  std::vector<std::size_t> texts;            // of each sequence: how many tokens its text has
  std::vector<std::int32_t> positions;       // as many as ids
  std::vector<std::vector<HeadPair>> pairs;  // of each sequence
};

// A line is an array of ids, or an object {"ids": […], "token_types": […], "text": N, "positions":
// […], "pairs": [{"head": […], "tail": […]}]}, of which only the first must be there; the first N
// ids are a text then, the others groups of four markers beside it. Everything is checked, so that
// nothing needs to be taken back later. Throws ExitError naming file and line.
Sequences ReadSequences(const std::string& path, const StageInfo& stage);

}  // namespace radie::tools
