// All that `radie eval` found out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "radie/evaluation.h"
#include "tools/eval_worst.h"

namespace radie::tools {

struct EvalFigures {
  std::size_t reports = 0;
  std::size_t failed = 0;     // of these; counted as if nothing had been found in them
  std::size_t missing = 0;    // of the failed: there was no prediction
  std::size_t unmatched = 0;  // predictions without a gold report
  bool gold_has_relations = false;

  std::optional<EvaluationResult> end_to_end;  // entities, and relations between predicted entities
  bool relations_end_to_end = false;           // end_to_end has relations
  std::optional<EvaluationResult> on_gold_entities;  // relations between gold entities

  bool gold_has_certainty = false;
  std::optional<EvaluationResult> from_gold;  // certainty derived from the gold annotations
  bool certainty_end_to_end = false;          // end_to_end has certainties

  bool has_confidences = false;  // of what was predicted; otherwise they are all 1

  std::optional<BootstrapOptions> bootstrap;  // nothing: no intervals were asked for
  EvaluationIntervals end_to_end_intervals, on_gold_intervals,
      from_gold_intervals;  // filled when `bootstrap` is

  std::optional<std::vector<WorstReport>> worst;  // nothing: they were not asked for
};

// A stage's confidences and the number of gold items that it was to find.
struct StageConfidences {
  const char* title;  // "Entities"
  const char* key;    // "entities"
  const std::vector<Judged>* judged;
  std::size_t gold;
};

// Of the stages that were measured with confidences.
std::vector<StageConfidences> ConfidencesOf(const EvalFigures& figures);

}  // namespace radie::tools
