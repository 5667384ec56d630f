#include "libradie/eval/tagged_entities.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace radie {

std::set<TypedSpan> TaggedEntities(const std::set<TypedSpan>& entities) {
  std::vector<const TypedSpan*> order;
  order.reserve(entities.size());
  for (const TypedSpan& entity : entities) order.push_back(&entity);
  std::stable_sort(order.begin(), order.end(), [](const TypedSpan* a, const TypedSpan* b) {
    if (a->first.first != b->first.first) return a->first.first < b->first.first;
    return a->first.second > b->first.second;
  });
  std::set<TypedSpan> tagged;
  std::size_t free = 0;  // no tag from here on
  for (const TypedSpan* entity : order) {
    const auto& [begin, end] = entity->first;
    if (begin < free || begin >= end) continue;
    tagged.insert(*entity);
    free = end;
  }
  return tagged;
}

}  // namespace radie
