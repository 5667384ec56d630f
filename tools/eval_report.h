// The figures of `radie eval`, for people and for programs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "radie/evaluation.h"

namespace radie::tools {

struct EvalFigures {
  std::size_t reports = 0;
  std::size_t failed = 0;  // of these; counted as if nothing had been found in them
  std::optional<EvaluationResult> end_to_end;  // entities, and relations between predicted entities
  bool relations_end_to_end = false;           // end_to_end has relations
  std::optional<EvaluationResult> on_gold_entities;  // relations between gold entities
};

// Ends with a line feed.
std::string FiguresAsTable(const EvalFigures& figures);
std::string FiguresAsJson(const EvalFigures& figures);

}  // namespace radie::tools
