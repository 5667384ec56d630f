#include "radie/evaluation.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "libradie/base/report_check.h"
#include "libradie/eval/certainty_scores.h"
#include "libradie/eval/confusion.h"
#include "libradie/eval/coverage.h"
#include "libradie/eval/tagged_entities.h"
#include "libradie/eval/typed_span.h"

namespace radie {
namespace {

using StrictRelation = std::tuple<std::string, TypedSpan, TypedSpan>;  // type, head, tail
using BoundaryRelation = std::tuple<std::string, Span, Span>;

// One report as sets: that is what makes duplicates count once.
struct Facts {
  std::set<TypedSpan> entities;
  std::map<TypedSpan, double> entity_confidence;  // the highest of duplicates
  std::map<Span, std::string>
      spans;  // a span of two types is one span, of the type that sorts first
  std::set<StrictRelation> strict;
  std::map<StrictRelation, double> relation_confidence;
  std::set<BoundaryRelation> boundary;
  ClassOfObject certainty;
};

Facts FactsOf(const StructuredReport& report, const char* which) {
  CheckIndices(report, which);
  Facts facts;
  for (const Entity& entity : report.entities) {
    facts.entities.insert(TypedSpanOf(entity));
    double& best = facts.entity_confidence[TypedSpanOf(entity)];
    best = std::max(best, entity.confidence);
  }
  for (const auto& [span, type] : facts.entities) facts.spans.emplace(span, type);
  for (const Relation& relation : report.relations) {
    const Entity& head = report.entities[relation.head];
    const Entity& tail = report.entities[relation.tail];
    const StrictRelation strict = {relation.type, TypedSpanOf(head), TypedSpanOf(tail)};
    facts.strict.insert(strict);
    double& best = facts.relation_confidence[strict];
    best = std::max(best, relation.confidence);
    facts.boundary.insert({relation.type, SpanOf(head), SpanOf(tail)});
  }
  for (const Finding& finding : report.findings) {
    if (finding.certainty) {
      facts.certainty.emplace(TypedSpanOf(report.entities[finding.object]),
                              finding.certainty->value);
    }
  }
  return facts;
}

const std::string& TypeOf(const TypedSpan& entity) { return entity.second; }
const std::string& TypeOf(const StrictRelation& relation) { return std::get<0>(relation); }
const std::string& TypeOf(const BoundaryRelation& relation) { return std::get<0>(relation); }

Score Added(const Score& before, const Score& after) {
  return {after.gold - before.gold, after.predicted - before.predicted,
          after.correct - before.correct};
}

// Each returns the report's own micro score.
template <typename Item>
Score Count(const std::set<Item>& gold, const std::set<Item>& predicted, ClassifiedScore& score) {
  const Score before = score.micro;
  for (const Item& item : gold) {
    ++score.micro.gold;
    ++score.by_type[TypeOf(item)].gold;
  }
  for (const Item& item : predicted) {
    Score& of_type = score.by_type[TypeOf(item)];
    ++score.micro.predicted;
    ++of_type.predicted;
    if (gold.count(item) == 0) continue;
    ++score.micro.correct;
    ++of_type.correct;
  }
  return Added(before, score.micro);
}

// A predicted span that meets a gold one counts under the gold type, so that precision by type
// stays a proportion.
Score CountSpans(const std::map<Span, std::string>& gold,
                 const std::map<Span, std::string>& predicted, ClassifiedScore& score) {
  const Score before = score.micro;
  for (const auto& [span, type] : gold) {
    ++score.micro.gold;
    ++score.by_type[type].gold;
  }
  for (const auto& [span, type] : predicted) {
    const auto match = gold.find(span);
    Score& of_type = score.by_type[match == gold.end() ? type : match->second];
    ++score.micro.predicted;
    ++of_type.predicted;
    if (match == gold.end()) continue;
    ++score.micro.correct;
    ++of_type.correct;
  }
  return Added(before, score.micro);
}

template <typename Item>
void Judge(const std::map<Item, double>& predicted, const std::set<Item>& gold,
           std::vector<Judged>& judged) {
  for (const auto& [item, confidence] : predicted)
    judged.push_back({confidence, gold.count(item) > 0});
}

}  // namespace

void Evaluation::Add(const StructuredReport& gold, const StructuredReport& predicted) {
  const Facts expected = FactsOf(gold, "gold report: ");
  const Facts found = FactsOf(predicted, "predicted report: ");
  const std::set<TypedSpan> expected_tags = TaggedEntities(expected.entities);
  const std::set<TypedSpan> found_tags = TaggedEntities(found.entities);
  ++result_.reports;
  ReportScores report;
  report.entities_strict = Count(expected.entities, found.entities, result_.entities_strict);
  report.entities_boundary = CountSpans(expected.spans, found.spans, result_.entities_boundary);
  report.entities_tags = Count(expected_tags, found_tags, result_.entities_tags);
  report.relations_strict = Count(expected.strict, found.strict, result_.relations_strict);
  report.relations_boundary = Count(expected.boundary, found.boundary, result_.relations_boundary);
  report.certainty = CountCertainty(expected.certainty, found.certainty, result_.certainty);
  result_.untagged_gold += expected.entities.size() - expected_tags.size();
  result_.untagged_predicted += found.entities.size() - found_tags.size();
  CountCoverage(expected.entities, found.entities, result_.coverage);
  CountConfusion(expected.entities, found.entities, result_.confusion);
  Judge(found.entity_confidence, expected.entities, result_.entity_confidences);
  Judge(found.relation_confidence, expected.strict, result_.relation_confidences);
  result_.by_report.push_back(report);
}

}  // namespace radie
