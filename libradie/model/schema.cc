#include "libradie/model/schema.h"

#include <algorithm>

namespace radie {

std::optional<std::size_t> Schema::FindEntityType(std::string_view type_name) const {
  const auto found = std::find_if(entity_types.begin(), entity_types.end(),
                                  [&](const EntityType& type) { return type.name == type_name; });
  if (found == entity_types.end()) return std::nullopt;
  return static_cast<std::size_t>(found - entity_types.begin());
}

}  // namespace radie
