// Where the tokens of a CoNLL document are in its report.
#pragma once

#include <string>
#include <vector>

#include "tools/annotation_document.h"

namespace radie::tools {

// The text that the tokens of document.tokens spell. With offsets: each at its place, spaces where
// no token is. Without: one behind the other, a line feed between sentences. Throws
// ExitError(kExitSomeFailed) naming the line of a token whose offsets do not fit its length.
std::string TextOfTokens(const SourceDocument& document);

// The code points of each token in `text`. Without offsets tokens follow each other in the text
// with nothing but white space left out, from its begin to its end. Throws
// ExitError(kExitSomeFailed) naming the line of the first token that is not there.
std::vector<Range> PlaceTokens(const SourceDocument& document, const std::string& text);

}  // namespace radie::tools
