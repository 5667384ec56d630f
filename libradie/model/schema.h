// The information model: which types of entity and relation exist, and which pairs may be related.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/report.h"

namespace radie {

struct EntityType {
  std::string name;
  bool is_object = false;
  std::optional<CertaintyClass> certainty = {};  // of its mentions where no descriptor says more
};

struct RelationType {
  std::string name;
  std::vector<bool> heads;  // by entity type index: may it be a head
  std::vector<bool> tails;
};

struct Schema {
  std::string name;
  std::vector<EntityType> entity_types;
  std::vector<RelationType> relation_types;

  std::optional<std::size_t> FindEntityType(std::string_view name) const;

  // May relation type r join these entity types (indices), in this direction?
  bool Allows(std::size_t r, std::size_t head, std::size_t tail) const {
    return relation_types[r].heads[head] && relation_types[r].tails[tail];
  }
};

}  // namespace radie
