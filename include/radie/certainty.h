// Certainty: from the words of a descriptor to one of five classes, and from an object's
// descriptors to the object's class. docs/certainty.md describes classes and rules.
#pragma once

#include <optional>
#include <string_view>

#include "radie/export.h"
#include "radie/report.h"

namespace radie {

// The entity type whose mentions say how sure the reporter is.
inline constexpr std::string_view kCertaintyType = "Certainty_descriptor";

// The class of a descriptor by its words alone: that of the same descriptor in the project's list,
// else of the first pattern of the list that fits; nothing where none does. Words are compared
// folded (docs/terms.md). Thread-safe. Throws Error(kInvalidText) when the text is not UTF-8.
RADIE_API std::optional<CertaintyClass> ClassifyDescriptor(std::string_view descriptor);

// Sets the certainty of every finding from the descriptors among its attributes; an object without
// one is definite. `text` is the report's own: what stands between mentions matters. Where some
// descriptor is of no known class, its object counts as definite for its part and the report gets
// the warning "certainty_unknown". Throws Error(kInvalidArgument) when an index points past the
// entities or a UTF-8 span is no stretch of the text, Error(kInvalidText) when an entity's text is
// not UTF-8; the report is then as it was.
RADIE_API void AttachCertainty(std::string_view text, StructuredReport& report);

}  // namespace radie
