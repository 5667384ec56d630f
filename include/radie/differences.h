// How a predicted report differs from an annotated one, item by item. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "radie/export.h"
#include "radie/report.h"

namespace radie {

// A mention that is not the same on both sides. The first two have one side, the others both.
struct EntityDifference {
  enum class Kind {
    kMissed,         // annotated, and no predicted mention meets it
    kSpurious,       // predicted, and no annotated mention meets it
    kType,           // the same span under another type
    kBounds,         // the same type, spans that overlap
    kBoundsAndType,  // another type, spans that overlap
  };
  Kind kind = Kind::kMissed;
  std::optional<std::size_t> gold, predicted;  // indices into each report's entities
};

// A relation that is not the same on both sides.
struct RelationDifference {
  enum class Kind {
    kMissed,
    kSpurious,
    kType,      // between the same mentions, or ones that were paired above, of another type
    kMentions,  // of the same type, between mentions of which at least one differs as above
  };
  Kind kind = Kind::kMissed;
  std::optional<std::size_t> gold, predicted;  // indices into each report's relations
};

// In order of position. Counted strictly, what has a gold side is a missed item and what has a
// predicted side a spurious one: so `equal_…` and the sides add up to the figures of Evaluation.
struct Differences {
  std::vector<EntityDifference> entities;
  std::vector<RelationDifference> relations;
  std::vector<std::size_t> equal_entities;   // indices into the annotated report's
  std::vector<std::size_t> equal_relations;  // indices into the annotated report's
};

// Holds two reports on the same text against each other, in code points. Duplicates count once.
// Mentions that differ are paired one to one: equal spans first, then overlapping ones of one type,
// then overlapping ones; in order of position, each with the one it shares most with. Throws
// Error(kInvalidArgument) when an index of a report points past its entities. Thread-safe.
RADIE_API Differences FindDifferences(const StructuredReport& gold,
                                      const StructuredReport& predicted);

}  // namespace radie
