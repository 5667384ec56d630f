#include "radie/differences.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "libradie/base/report_check.h"
#include "libradie/eval/typed_span.h"

namespace radie {
namespace {

// How many overlapping mentions a mention is held against. Mentions of one report hardly overlap;
// a file made to have thousands in one place must not cost their square.
constexpr std::size_t kMostCandidates = 256;

using Mentions = std::map<TypedSpan, std::size_t>;           // the first index of each
using Link = std::tuple<TypedSpan, TypedSpan, std::string>;  // tail, head, type: order of output
using Links = std::map<Link, std::size_t>;
using Pairing = std::map<TypedSpan, TypedSpan>;  // of gold mentions with predicted ones

Mentions MentionsOf(const StructuredReport& report) {
  Mentions mentions;
  for (std::size_t i = 0; i < report.entities.size(); ++i)
    mentions.emplace(TypedSpanOf(report.entities[i]), i);
  return mentions;
}

Links LinksOf(const StructuredReport& report, const char* which) {
  CheckIndices(report, which);
  Links links;
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    const Relation& relation = report.relations[i];
    links.emplace(Link{TypedSpanOf(report.entities[relation.tail]),
                       TypedSpanOf(report.entities[relation.head]), relation.type},
                  i);
  }
  return links;
}

std::size_t Shared(const Span& a, const Span& b) {
  const std::size_t begin = std::max(a.first, b.first), end = std::min(a.second, b.second);
  return end > begin ? end - begin : 0;
}

// Mentions of one side that are not yet paired, found by what they overlap.
class Unpaired {
 public:
  explicit Unpaired(const std::set<TypedSpan>& mentions) {
    std::size_t reach = 0;
    for (const TypedSpan& mention : mentions) {
      reach = std::max(reach, mention.first.second);
      items_.push_back({mention, reach, false});
    }
  }

  // Takes the one that shares most with `span`, of `type` if one is given; the earliest of equals.
  std::optional<TypedSpan> Take(const Span& span, const std::string* type) {
    Item* best = nullptr;
    std::size_t most = 0;
    const auto first = std::partition_point(
        items_.begin(), items_.end(), [&](const Item& item) { return item.reach <= span.first; });
    std::size_t looked_at = 0;
    for (auto item = first; item != items_.end() && item->mention.first.first < span.second;
         ++item) {
      if (++looked_at > kMostCandidates) break;
      const std::size_t shared = Shared(item->mention.first, span);
      if (item->taken || shared <= most) continue;
      if (type != nullptr && item->mention.second != *type) continue;
      best = &*item;
      most = shared;
    }
    if (best == nullptr) return std::nullopt;
    best->taken = true;
    return best->mention;
  }

  std::optional<TypedSpan> TakeSameSpan(const Span& span) {
    const auto first = std::partition_point(
        items_.begin(), items_.end(), [&](const Item& item) { return item.mention.first < span; });
    std::size_t looked_at = 0;
    for (auto item = first; item != items_.end() && item->mention.first == span; ++item) {
      if (++looked_at > kMostCandidates) break;
      if (!std::exchange(item->taken, true)) return item->mention;
    }
    return std::nullopt;
  }

  std::vector<TypedSpan> Rest() const {
    std::vector<TypedSpan> rest;
    for (const Item& item : items_) {
      if (!item.taken) rest.push_back(item.mention);
    }
    return rest;
  }

 private:
  struct Item {
    TypedSpan mention;
    std::size_t reach;  // the furthest end up to here: rises, so it can be searched
    bool taken;
  };
  std::vector<Item> items_;  // by position
};

class Comparison {
 public:
  Comparison(const StructuredReport& gold, const StructuredReport& predicted)
      : gold_(MentionsOf(gold)),
        predicted_(MentionsOf(predicted)),
        gold_links_(LinksOf(gold, "gold report: ")),
        predicted_links_(LinksOf(predicted, "predicted report: ")) {}

  Differences Find() {
    PairMentions();
    PairLinks();
    return std::move(result_);
  }

 private:
  using EntityKind = EntityDifference::Kind;
  using RelationKind = RelationDifference::Kind;

  void PairMentions() {
    std::set<TypedSpan> only_gold, only_predicted;
    for (const auto& [mention, index] : gold_) {
      if (predicted_.count(mention) == 0) {
        only_gold.insert(mention);
      } else {
        result_.equal_entities.push_back(index);
        pairs_.emplace(mention, mention);
      }
    }
    for (const auto& [mention, index] : predicted_) {
      if (gold_.count(mention) == 0) only_predicted.insert(mention);
    }
    Unpaired free(only_predicted);
    PairBy(only_gold, [&](const TypedSpan& m) { return free.TakeSameSpan(m.first); });
    PairBy(only_gold, [&](const TypedSpan& m) { return free.Take(m.first, &m.second); });
    PairBy(only_gold, [&](const TypedSpan& m) { return free.Take(m.first, nullptr); });
    for (const TypedSpan& mention : only_gold)
      found_[mention] = {EntityKind::kMissed, gold_.at(mention), std::nullopt};
    std::vector<std::pair<TypedSpan, EntityDifference>> all(found_.begin(), found_.end());
    for (const TypedSpan& mention : free.Rest())
      all.push_back({mention, {EntityKind::kSpurious, std::nullopt, predicted_.at(mention)}});
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [mention, difference] : all) result_.entities.push_back(difference);
  }

  template <typename Take>
  void PairBy(std::set<TypedSpan>& only_gold, Take take) {
    for (auto gold = only_gold.begin(); gold != only_gold.end();) {
      const std::optional<TypedSpan> other = take(*gold);
      if (!other) {
        ++gold;
        continue;
      }
      const EntityKind kind = other->first == gold->first     ? EntityKind::kType
                              : other->second == gold->second ? EntityKind::kBounds
                                                              : EntityKind::kBoundsAndType;
      found_[*gold] = {kind, gold_.at(*gold), predicted_.at(*other)};
      pairs_.emplace(*gold, *other);
      gold = only_gold.erase(gold);
    }
  }

  void PairLinks() {
    std::map<Link, RelationDifference> missing;
    Links spurious = predicted_links_;
    for (const auto& [link, index] : gold_links_) {
      if (spurious.erase(link) > 0) {
        result_.equal_relations.push_back(index);
      } else {
        missing[link] = {RelationKind::kMissed, index, std::nullopt};
      }
    }
    // Those of the right type first, so that none of them is taken for one of a wrong type.
    for (const bool same_type : {true, false}) {
      for (auto& [link, difference] : missing) {
        if (difference.kind == RelationKind::kMissed) Pair(link, same_type, spurious, difference);
      }
    }
    std::vector<std::pair<Link, RelationDifference>> all(missing.begin(), missing.end());
    for (const auto& [link, index] : spurious)
      all.push_back({link, {RelationKind::kSpurious, std::nullopt, index}});
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [link, difference] : all) result_.relations.push_back(difference);
  }

  void Pair(const Link& link, bool same_type, Links& spurious, RelationDifference& difference) {
    const auto tail = pairs_.find(std::get<0>(link)), head = pairs_.find(std::get<1>(link));
    if (tail == pairs_.end() || head == pairs_.end()) return;
    const std::string& type = std::get<2>(link);
    auto found = spurious.lower_bound({tail->second, head->second, same_type ? type : ""});
    if (found == spurious.end() || std::get<0>(found->first) != tail->second ||
        std::get<1>(found->first) != head->second ||
        (same_type && std::get<2>(found->first) != type)) {
      return;
    }
    difference.kind = same_type ? RelationKind::kMentions : RelationKind::kType;
    difference.predicted = found->second;
    spurious.erase(found);
  }

  const Mentions gold_, predicted_;
  const Links gold_links_, predicted_links_;
  Pairing pairs_;
  std::map<TypedSpan, EntityDifference> found_;  // by gold mention
  Differences result_;
};

}  // namespace

Differences FindDifferences(const StructuredReport& gold, const StructuredReport& predicted) {
  return Comparison(gold, predicted).Find();
}

}  // namespace radie
