// A model's normalisation: steps one after the other, with one map back (docs/text.md).
#pragma once

#include <memory>
#include <vector>

#include "libradie/base/normalization_step.h"
#include "libradie/text/cut_pattern.h"
#include "libradie/text/document.h"
#include "libradie/text/normalize.h"

namespace radie {

// Immutable and thread-safe; copies share their patterns.
class Normalization {
 public:
  Normalization() = default;  // the text as it stands

  // Throws as CutPattern does, naming the step by its place in text.normalization.
  explicit Normalization(const NormalizationSteps& steps);

  // Throws Error(kLimitExceeded) for a text on which a pattern would take too long.
  NormalizedText Apply(const Document& document) const;

 private:
  struct Step {
    NormalizationStep settings;
    std::shared_ptr<const CutPattern> pattern;  // null in a step without one
  };

  static NormalizedText ApplyStep(const Step& step, std::string_view text);

  std::vector<Step> steps_;
};

}  // namespace radie
