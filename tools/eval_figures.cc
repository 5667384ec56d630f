#include "tools/eval_figures.h"

namespace radie::tools {

std::vector<StageConfidences> ConfidencesOf(const EvalFigures& figures) {
  std::vector<StageConfidences> stages;
  if (!figures.has_confidences) return stages;
  if (figures.end_to_end) {
    stages.push_back({"Entities", "entities", &figures.end_to_end->entity_confidences,
                      figures.end_to_end->entities_strict.micro.gold});
  }
  if (figures.on_gold_entities) {
    stages.push_back({"Relations on gold entities", "relations_on_gold_entities",
                      &figures.on_gold_entities->relation_confidences,
                      figures.on_gold_entities->relations_strict.micro.gold});
  } else if (figures.relations_end_to_end) {
    stages.push_back({"Relations, two-stage", "relations_two_stage",
                      &figures.end_to_end->relation_confidences,
                      figures.end_to_end->relations_strict.micro.gold});
  }
  return stages;
}

}  // namespace radie::tools
