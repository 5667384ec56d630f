#include "libradie/eval/certainty_scores.h"

#include <string>

namespace radie {

Score CountCertainty(const ClassOfObject& gold, const ClassOfObject& predicted,
                     CertaintyScores& scores) {
  Score report;
  for (const auto& [object, expected] : gold) {
    const std::string name(CertaintyName(expected));
    ++report.gold;
    ++scores.scores.by_type[name].gold;
    const auto match = predicted.find(object);
    if (match == predicted.end()) continue;
    const std::string found(CertaintyName(match->second));
    ++report.predicted;
    ++scores.scores.by_type[found].predicted;
    ++scores.classes[name][found];
    if (match->second != expected) continue;
    ++report.correct;
    ++scores.scores.by_type[found].correct;
  }
  Score& micro = scores.scores.micro;
  micro.gold += report.gold;
  micro.predicted += report.predicted;
  micro.correct += report.correct;
  return report;
}

}  // namespace radie
