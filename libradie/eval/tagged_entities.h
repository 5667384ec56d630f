// The entities that one tag a code point can express.
#pragma once

#include <set>

#include "libradie/eval/typed_span.h"

namespace radie {

// Of entities that overlap only the one that begins first is kept; the longer one, then the type
// that sorts first, where several begin together. An empty span is never kept.
//
// That is what seqeval's default mode reads out of the IOB2 tags of the same choice: every entity
// kept begins with a B- tag and goes on with I- tags of its own type, so its chunks are exactly
// these.
std::set<TypedSpan> TaggedEntities(const std::set<TypedSpan>& entities);

}  // namespace radie
