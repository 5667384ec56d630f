// How a tagger's labels are written.
#pragma once

#include <string_view>

namespace radie {

enum class LabelScheme { kIob2, kIob1, kIo, kBioes };

// The letters that labels of the scheme begin with.
std::string_view LabelPrefixes(LabelScheme scheme);

// Whether a label stands for no mention: `O`, or `[NAME]`, that of a special token.
bool IsOutsideLabel(std::string_view label);

// Whether a label is written as one of the scheme with a type: a letter, `-`, and the type.
bool IsTypedLabel(std::string_view label, LabelScheme scheme);

}  // namespace radie
