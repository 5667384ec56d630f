#include "libradie/eval/coverage.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace radie {
namespace {

// Code points: spans in order that neither touch nor overlap. A report may have many thousands of
// entities, so nothing here compares each with each.
using Stretches = std::vector<Span>;

Stretches UnionOf(Stretches spans) {
  std::sort(spans.begin(), spans.end());
  Stretches joined;
  for (const auto& [begin, end] : spans) {
    if (begin >= end) continue;
    if (!joined.empty() && begin <= joined.back().second) {
      joined.back().second = std::max(joined.back().second, end);
    } else {
      joined.emplace_back(begin, end);
    }
  }
  return joined;
}

Stretches Intersection(const Stretches& a, const Stretches& b) {
  Stretches common;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::size_t begin = std::max(a[i].first, b[j].first);
    const std::size_t end = std::min(a[i].second, b[j].second);
    if (begin < end) common.emplace_back(begin, end);
    a[i].second < b[j].second ? ++i : ++j;
  }
  return common;
}

std::size_t Length(const Stretches& stretches) {
  std::size_t length = 0;
  for (const auto& [begin, end] : stretches) length += end - begin;
  return length;
}

bool Meets(const Span& span, const Stretches& stretches) {
  const auto after = std::upper_bound(
      stretches.begin(), stretches.end(), span.first,
      [](std::size_t begin, const Span& stretch) { return begin < stretch.second; });
  return after != stretches.end() && span.first < span.second && after->first < span.second;
}

struct Found {
  std::map<std::string, Stretches> by_type;
  Stretches all;
};

Found StretchesOf(const std::set<TypedSpan>& entities) {
  Found found;
  for (const auto& [span, type] : entities) {
    found.by_type[type].push_back(span);
    found.all.push_back(span);
  }
  for (auto& [type, stretches] : found.by_type) stretches = UnionOf(std::move(stretches));
  found.all = UnionOf(std::move(found.all));
  return found;
}

}  // namespace

void CountCoverage(const std::set<TypedSpan>& gold, const std::set<TypedSpan>& predicted,
                   Coverage& coverage) {
  const Found expected = StretchesOf(gold);
  const Found found = StretchesOf(predicted);
  for (const TypedSpan& entity : gold) {
    const auto& [span, type] = entity;
    const auto same_type = found.by_type.find(type);
    ++coverage.entities;
    if (predicted.count(entity) > 0) ++coverage.strict;
    if (same_type != found.by_type.end() && Meets(span, same_type->second)) ++coverage.overlapping;
    if (Meets(span, found.all)) ++coverage.overlapping_any_type;
  }
  Stretches same_type;
  for (const auto& [type, stretches] : expected.by_type) {
    const auto others = found.by_type.find(type);
    if (others == found.by_type.end()) continue;
    const Stretches common = Intersection(stretches, others->second);
    same_type.insert(same_type.end(), common.begin(), common.end());
  }
  coverage.characters += Length(expected.all);
  coverage.characters_found += Length(UnionOf(std::move(same_type)));
  coverage.characters_any_type += Length(Intersection(expected.all, found.all));
}

}  // namespace radie
