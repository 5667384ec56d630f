#include "libradie/heads/tag_labels.h"

#include <algorithm>
#include <string_view>

#include "radie/error.h"

namespace radie {
namespace {

[[noreturn]] void ThrowLabel(std::size_t label, const std::string& problem) {
  throw Error(ErrorCode::kInvalidModel,
              "entities.labels[" + std::to_string(label) + "] " + problem);
}

}  // namespace

TagLabels::TagLabels(const std::vector<std::string>& labels, const Schema& schema,
                     LabelScheme scheme)
    : scheme_(scheme), by_kind_(schema.entity_types.size()) {
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const std::string_view name = labels[label];
    if (IsOutsideLabel(name)) {
      labels_.emplace_back();
      continue;
    }
    if (!IsTypedLabel(name, scheme)) {
      ThrowLabel(label, "is none of O, [NAME] and the scheme's letters " +
                            std::string(LabelPrefixes(scheme)) + " with a type");
    }
    const std::optional<std::size_t> type = schema.FindEntityType(name.substr(2));
    if (!type) ThrowLabel(label, "names no entity type of the schema");
    const Kind kind = name.front() == 'B'   ? Kind::kBegin
                      : name.front() == 'I' ? Kind::kInside
                      : name.front() == 'E' ? Kind::kEnd
                                            : Kind::kSingle;
    labels_.push_back({kind, *type, {}, {}});
    by_kind_[*type][static_cast<std::size_t>(kind)] = label;
  }
  FindNeighbours();
}

void TagLabels::FindNeighbours() {
  for (std::size_t label = 0; label < size(); ++label) {
    const Kind kind = labels_[label].kind;
    if (kind == Kind::kInside || kind == Kind::kEnd) {
      labels_[label].before.resize(size());
      for (std::size_t other = 0; other < size(); ++other) {
        labels_[label].before[other] = !GoesOn(other, label);
      }
    }
    if (IsOpen(label)) {
      labels_[label].after.resize(size());
      for (std::size_t other = 0; other < size(); ++other) {
        labels_[label].after[other] = !GoesOn(label, other);
      }
    }
  }
}

bool TagLabels::IsOpen(std::size_t label) const {
  return labels_[label].kind == Kind::kBegin || labels_[label].kind == Kind::kInside;
}

bool TagLabels::GoesOn(std::size_t from, std::size_t to) const {
  return (labels_[to].kind == Kind::kInside || labels_[to].kind == Kind::kEnd) && IsOpen(from) &&
         labels_[from].type == labels_[to].type;
}

bool TagLabels::Follows(std::size_t from, std::size_t to) const {
  const Kind kind = labels_[to].kind;
  switch (scheme_) {
    case LabelScheme::kIo:
      return true;
    case LabelScheme::kIob1:
      return kind != Kind::kBegin || (IsOpen(from) && labels_[from].type == labels_[to].type);
    case LabelScheme::kIob2:
      return kind != Kind::kInside || GoesOn(from, to);
    case LabelScheme::kBioes:
      return IsOpen(from) ? GoesOn(from, to) : kind != Kind::kInside && kind != Kind::kEnd;
  }
  return true;
}

TagConstraints TagLabels::Constraints() const {
  TagConstraints constraints;
  constraints.step.reserve(size() * size());
  for (std::size_t from = 0; from < size(); ++from) {
    // What may stand at the start is what may follow a label outside all mentions.
    const Kind kind = labels_[from].kind;
    const bool opens = scheme_ == LabelScheme::kIob1 ? kind != Kind::kBegin
                                                     : kind != Kind::kInside && kind != Kind::kEnd;
    constraints.start.push_back(scheme_ == LabelScheme::kIo || opens);
    constraints.end.push_back(scheme_ != LabelScheme::kBioes || !IsOpen(from));
    for (std::size_t to = 0; to < size(); ++to) constraints.step.push_back(Follows(from, to));
  }
  return constraints;
}

std::vector<TagLabels::Span> TagLabels::Read(std::span<const std::size_t> path) const {
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

double TagLabels::Probability(const CrfMarginals& marginals, const Span& span,
                              TokenRange read) const {
  const std::size_t length = span.tokens.size();
  const std::optional<std::size_t> inside = Find(span.type, Kind::kInside);
  if (length > 2 && !inside) return 0;
  double probability = 0;
  // One way to write it: labels of these kinds at its first and last token, I- between.
  auto add = [&](Kind first, Kind last) {
    const std::optional<std::size_t> a = Find(span.type, first), b = Find(span.type, last);
    if (!a || !b) return;
    std::vector<std::size_t> tags(length, inside.value_or(0));
    tags.front() = *a;
    tags.back() = *b;
    CrfMarginals::Neighbours neighbours;
    if (span.tokens.begin > read.begin) neighbours.before = labels_[*a].before;
    if (span.tokens.end < read.end) neighbours.after = labels_[*b].after;
    probability += marginals.Probability(span.tokens.begin, tags, neighbours);
  };
  if (length == 1) {
    for (Kind kind : {Kind::kInside, Kind::kBegin, Kind::kEnd, Kind::kSingle}) add(kind, kind);
  } else {
    for (Kind first : {Kind::kInside, Kind::kBegin}) {
      for (Kind last : {Kind::kInside, Kind::kEnd}) add(first, last);
    }
  }
  return std::min(probability, 1.0);
}

}  // namespace radie
