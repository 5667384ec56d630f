// A finding's attributes grouped by type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "radie/report.h"

namespace radie {

// Entity indices under each type, types in order of first appearance.
using EntitiesByType = std::vector<std::pair<std::string, std::vector<std::size_t>>>;

inline EntitiesByType GroupByType(const std::vector<Entity>& entities,
                                  const std::vector<std::size_t>& indices) {
  EntitiesByType groups;
  for (std::size_t index : indices) {
    const std::string& type = entities[index].type;
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == type; });
    if (group == groups.end()) group = groups.insert(groups.end(), {type, {}});
    group->second.push_back(index);
  }
  return groups;
}

}  // namespace radie
