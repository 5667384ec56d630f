#include "libradie/heads/iob_labels.h"

#include <algorithm>
#include <string_view>

#include "radie/error.h"

namespace radie {

IobLabels::IobLabels(const std::vector<std::string>& labels, const Schema& schema)
    : types_(schema.entity_types.size()) {
  for (Type& type : types_)
    type.after = type.before_inside = std::vector<bool>(labels.size(), true);
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const std::string_view name = labels[label];
    if (name == "O") {
      labels_.push_back({});
      continue;
    }
    const bool begin = name.substr(0, 2) == "B-";
    if (!begin && name.substr(0, 2) != "I-") {
      throw Error(ErrorCode::kInvalidModel,
                  "entities.labels[" + std::to_string(label) + "] is none of O, B-TYPE, I-TYPE");
    }
    const std::optional<std::size_t> type = schema.FindEntityType(name.substr(2));
    if (!type) {
      throw Error(ErrorCode::kInvalidModel, "entities.labels[" + std::to_string(label) +
                                                "] names no entity type of the schema");
    }
    labels_.push_back({begin ? Kind::kBegin : Kind::kInside, *type});
    (begin ? types_[*type].begin : types_[*type].inside) = label;
    types_[*type].before_inside[label] = false;
    types_[*type].after[label] = begin;
  }
}

bool IobLabels::GoesOn(std::size_t from, std::size_t to) const {
  return labels_[to].kind == Kind::kInside && labels_[from].kind != Kind::kOutside &&
         labels_[from].type == labels_[to].type;
}

TagConstraints IobLabels::Constraints() const {
  TagConstraints constraints;
  constraints.step.reserve(size() * size());
  for (std::size_t from = 0; from < size(); ++from) {
    constraints.start.push_back(labels_[from].kind != Kind::kInside);
    for (std::size_t to = 0; to < size(); ++to) {
      constraints.step.push_back(labels_[to].kind != Kind::kInside || GoesOn(from, to));
    }
  }
  return constraints;
}

std::vector<IobLabels::Span> IobLabels::Read(std::span<const std::size_t> path) const {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (labels_[path[i]].kind == Kind::kOutside) continue;
    if (i > 0 && GoesOn(path[i - 1], path[i])) {
      spans.back().tokens.end = i + 1;
    } else {
      spans.push_back({{i, i + 1}, labels_[path[i]].type});
    }
  }
  return spans;
}

double IobLabels::Probability(const CrfMarginals& marginals, const Span& span) const {
  const Type& type = types_[span.type];
  const std::size_t length = span.tokens.size();
  if (length > 1 && !type.inside) return 0;
  std::vector<std::size_t> tags(length, type.inside.value_or(0));
  double probability = 0;
  if (type.inside) {  // I-X … I-X; 0 under constraints
    probability += marginals.Probability(span.tokens.begin, tags, {type.before_inside, type.after});
  }
  if (type.begin) {
    tags.front() = *type.begin;
    probability += marginals.Probability(span.tokens.begin, tags, {{}, type.after});
  }
  return std::min(probability, 1.0);
}

}  // namespace radie
