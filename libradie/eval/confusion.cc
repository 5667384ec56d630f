#include "libradie/eval/confusion.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace radie {
namespace {

using TypesOfSpans = std::map<Span, std::vector<std::string>>;

std::vector<TypedSpan> Without(const std::set<TypedSpan>& some, const std::set<TypedSpan>& others) {
  std::vector<TypedSpan> rest;
  std::set_difference(some.begin(), some.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

TypesOfSpans BySpan(const std::vector<TypedSpan>& entities) {
  TypesOfSpans types;
  for (const auto& [span, type] : entities) types[span].push_back(type);
  return types;
}

}  // namespace

void CountConfusion(const std::set<TypedSpan>& gold, const std::set<TypedSpan>& predicted,
                    Confusion& confusion) {
  for (const TypedSpan& entity : gold) {
    if (predicted.count(entity) > 0) ++confusion.same_span[entity.second][entity.second];
  }
  // A span has more than one type only where annotators gave it several; what is left of them is
  // paired in the order of names.
  const TypesOfSpans expected = BySpan(Without(gold, predicted));
  TypesOfSpans found = BySpan(Without(predicted, gold));
  for (const auto& [span, types] : expected) {
    std::vector<std::string>& others = found[span];
    const std::size_t pairs = std::min(types.size(), others.size());
    for (std::size_t i = 0; i < pairs; ++i) ++confusion.same_span[types[i]][others[i]];
    for (std::size_t i = pairs; i < types.size(); ++i) ++confusion.missed[types[i]];
    others.erase(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(pairs));
  }
  for (const auto& [span, types] : found) {
    for (const std::string& type : types) ++confusion.spurious[type];
  }
}

}  // namespace radie
