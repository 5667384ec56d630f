// One class out of the descriptors of one object.
#pragma once

#include <cstddef>
#include <vector>

#include "radie/report.h"

namespace radie::internal {

struct Descriptor {
  std::size_t entity = 0;  // index into the report's entities
  CertaintyClass value = CertaintyClass::kDefinite;
  bool before_object = false;  // it stands in front of its object: 造影効果を示す結節
};

struct Combined {
  CertaintyClass value = CertaintyClass::kDefinite;
  std::vector<std::size_t> sources;  // of the descriptors, those that decided; in their order
};

// `descriptors`: in order of position, at least one. The rules (docs/certainty.md):
// 1. What is said in front of the object gives way to a denial behind it, a presence in front to
//    all that is said behind.
// 2. A denial that is hedged by what follows (なしと考えます) is unlikely.
// 3. A denial beside a presence is about another place (右に認め、左にはない) and gives way.
// 4. Of the rest the weakest decides.
Combined Combine(std::vector<Descriptor> descriptors);

}  // namespace radie::internal
