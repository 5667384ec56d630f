// The information model out of its metadata object.
#pragma once

#include <string_view>

#include "libradie/model/json_fields.h"
#include "libradie/model/schema.h"

namespace radie {

// The relation label that stands for "not related"; no relation type may be called so.
inline constexpr std::string_view kNoRelation = "none";

// At most 511 types of each kind; names are not empty and stand there once; relations join the
// schema's own entity types. Throws Error(kInvalidModel) or Error(kUnsupportedModel).
Schema ParseSchema(const JsonFields& fields);

}  // namespace radie
