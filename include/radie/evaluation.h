// The paper's figures: micro F1 of entities and relations. Definitions: docs/evaluation.md.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct Score {
  std::size_t gold = 0, predicted = 0, correct = 0;

  double precision() const { return predicted == 0 ? 0.0 : double(correct) / double(predicted); }
  double recall() const { return gold == 0 ? 0.0 : double(correct) / double(gold); }
  double f1() const {
    return gold + predicted == 0 ? 0.0 : 2.0 * double(correct) / double(gold + predicted);
  }
};

struct ClassifiedScore {
  Score micro;
  std::map<std::string, Score> by_type;  // ordered by name
};

struct EvaluationResult {
  std::size_t reports = 0;
  ClassifiedScore entities_strict;  // same span and type
  ClassifiedScore
      entities_boundary;  // same span, any type; by_type by the gold type, else by the predicted
  ClassifiedScore relations_strict;    // both spans, both entity types, relation type
  ClassifiedScore relations_boundary;  // both spans and relation type
};

// Adds up reports; a pair of spans is compared in code points of the same text. Not thread-safe.
class RADIE_API Evaluation {
 public:
  // `gold` and `predicted` describe the same text. Duplicated entities or relations count once.
  // Throws Error(kInvalidArgument), counting nothing, when a relation's index points past the
  // report's entities.
  void Add(const StructuredReport& gold, const StructuredReport& predicted);
  const EvaluationResult& result() const { return result_; }

 private:
  EvaluationResult result_;
};

}  // namespace radie
