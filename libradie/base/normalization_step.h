// A step of a model's normalisation: read by model/, followed by text/. What the steps do:
// docs/text.md.
#pragma once

#include <string>
#include <vector>

namespace radie {

struct NormalizationStep {
  enum class Kind {
    kNfkc,
    kRadiologyJa,
    kNeologdn,
    kH2z,
    kNewlineToStop,
    kCut,        // every match of the pattern is left out
    kCutHeader,  // the text up to the end of the first match
    kCutFooter   // the text from the beginning of the first match
  };

  Kind kind = Kind::kNfkc;
  bool kana = true, digits = true, ascii = true;  // which characters kH2z widens
  std::string pattern;                            // of kCut, kCutHeader and kCutFooter
};

using NormalizationSteps = std::vector<NormalizationStep>;  // none: the text as it stands

}  // namespace radie
