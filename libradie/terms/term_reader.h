// The file format of terms (docs/terms.md).
#pragma once

#include "libradie/terms/term_index.h"
#include "radie/terms.h"

namespace radie::internal {

// Adds the file's rows. Throws the Error of the first bad line, "NAME:LINE: why".
void ReadTerms(const TermFile& file, TermIndex& index);

}  // namespace radie::internal
