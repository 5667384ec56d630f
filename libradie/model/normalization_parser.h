// The field "normalization" of a model's "text" object (docs/model-format.md).
#pragma once

#include <string>

#include "libradie/base/normalization_step.h"
#include "libradie/model/json_value.h"

namespace radie {

// `text`: the object that holds the field. Patterns are not looked into. Throws
// Error(kInvalidModel) for a field or step that is missing or of another kind,
// Error(kUnsupportedModel) for a step that this version does not know and for more than 16.
NormalizationSteps ParseNormalization(const JsonValue& text);

// The steps in one line for people: "none", "nfkc", "cut_header \"…\", nfkc, h2z".
std::string NormalizationName(const NormalizationSteps& steps);

}  // namespace radie
