#include "radie/evaluation.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace radie {
namespace {

Entity Mention(const std::string& type, std::size_t begin, std::size_t end) {
  Entity entity;
  entity.type = type;
  entity.span.code_points = {begin, end};
  return entity;
}

// ---- an independent count: quadratic loops over the reports as they are, no sets, no shared code
// ----

bool SameSpan(const Entity& a, const Entity& b) {
  return a.span.code_points.begin == b.span.code_points.begin &&
         a.span.code_points.end == b.span.code_points.end;
}

bool SameEntity(const Entity& a, const Entity& b, bool strict) {
  return SameSpan(a, b) && (!strict || a.type == b.type);
}

bool SameRelation(const StructuredReport& p, const Relation& a, const StructuredReport& q,
                  const Relation& b, bool strict) {
  return a.type == b.type && SameEntity(p.entities[a.head], q.entities[b.head], strict) &&
         SameEntity(p.entities[a.tail], q.entities[b.tail], strict);
}

// Items of p, first of each set of equals, and how many of those q has too.
template <typename Items, typename Same, typename SameAcross>
void BruteCount(const Items& p, const Items& q, Same same, SameAcross across, std::size_t& distinct,
                std::size_t& shared) {
  for (std::size_t i = 0; i < p.size(); ++i) {
    bool seen = false;
    for (std::size_t j = 0; j < i; ++j) seen = seen || same(p[j], p[i]);
    if (seen) continue;
    ++distinct;
    for (const auto& other : q) {
      if (across(p[i], other)) {
        ++shared;
        break;
      }
    }
  }
}

Score BruteEntities(const std::vector<StructuredReport>& gold,
                    const std::vector<StructuredReport>& predicted, bool strict) {
  Score score;
  std::size_t check = 0;
  const auto same = [&](const Entity& a, const Entity& b) { return SameEntity(a, b, strict); };
  for (std::size_t r = 0; r < gold.size(); ++r) {
    BruteCount(gold[r].entities, predicted[r].entities, same, same, score.gold, score.correct);
    BruteCount(predicted[r].entities, gold[r].entities, same, same, score.predicted, check);
  }
  EXPECT_EQ(check, score.correct);
  return score;
}

Score BruteRelations(const std::vector<StructuredReport>& gold,
                     const std::vector<StructuredReport>& predicted, bool strict) {
  Score score;
  std::size_t check = 0;
  const auto in = [strict](const StructuredReport& p, const StructuredReport& q) {
    return [&p, &q, strict](const Relation& a, const Relation& b) {
      return SameRelation(p, a, q, b, strict);
    };
  };
  for (std::size_t r = 0; r < gold.size(); ++r) {
    const StructuredReport& g = gold[r];
    const StructuredReport& p = predicted[r];
    BruteCount(g.relations, p.relations, in(g, g), in(g, p), score.gold, score.correct);
    BruteCount(p.relations, g.relations, in(p, p), in(p, g), score.predicted, check);
  }
  EXPECT_EQ(check, score.correct);
  return score;
}

StructuredReport RandomReport(std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const char* kTypes[] = {"A", "B", "C"};
  StructuredReport report;
  for (std::size_t n = below(9); n > 0; --n) {
    const std::size_t begin = below(5);
    report.entities.push_back(Mention(kTypes[below(3)], begin, begin + 1 + below(2)));
  }
  for (std::size_t n = report.entities.empty() ? 0 : below(12); n > 0; --n) {
    report.relations.push_back({below(2) ? "modify" : "evidence", below(report.entities.size()),
                                below(report.entities.size()), 1.0});
  }
  return report;
}

void ExpectEqual(const Score& a, const Score& b) {
  EXPECT_EQ(a.gold, b.gold);
  EXPECT_EQ(a.predicted, b.predicted);
  EXPECT_EQ(a.correct, b.correct);
}

void ExpectTypesAddUp(const ClassifiedScore& score) {
  Score sum;
  for (const auto& [type, of_type] : score.by_type) {
    sum.gold += of_type.gold;
    sum.predicted += of_type.predicted;
    sum.correct += of_type.correct;
    EXPECT_LE(of_type.correct, of_type.gold) << type;
    EXPECT_LE(of_type.correct, of_type.predicted) << type;
  }
  ExpectEqual(sum, score.micro);
}

TEST(Evaluation, AgreesWithCountingByHandOnRandomReports) {
  std::mt19937 random(20230701);
  for (int round = 0; round < 300; ++round) {
    std::vector<StructuredReport> gold, predicted;
    Evaluation evaluation;
    for (int r = 0; r < 4; ++r) {
      gold.push_back(RandomReport(random));
      predicted.push_back(RandomReport(random));
      evaluation.Add(gold.back(), predicted.back());
    }
    const EvaluationResult& result = evaluation.result();
    EXPECT_EQ(result.reports, 4u);
    ExpectEqual(result.entities_strict.micro, BruteEntities(gold, predicted, true));
    ExpectEqual(result.entities_boundary.micro, BruteEntities(gold, predicted, false));
    ExpectEqual(result.relations_strict.micro, BruteRelations(gold, predicted, true));
    ExpectEqual(result.relations_boundary.micro, BruteRelations(gold, predicted, false));
    ExpectTypesAddUp(result.entities_strict);
    ExpectTypesAddUp(result.entities_boundary);
    ExpectTypesAddUp(result.relations_strict);
    ExpectTypesAddUp(result.relations_boundary);
  }
}

TEST(Evaluation, CountsAWorkedExample) {
  StructuredReport gold, predicted;
  gold.entities = {Mention("A", 0, 2), Mention("B", 3, 5), Mention("A", 6, 8)};
  gold.relations = {{"modify", 0, 1, 1.0}, {"modify", 2, 1, 1.0}};
  predicted.entities = {Mention("A", 0, 2), Mention("C", 3, 5)};  // one type wrong, one missed
  predicted.relations = {{"modify", 0, 1, 1.0}};
  Evaluation evaluation;
  evaluation.Add(gold, predicted);
  const EvaluationResult& result = evaluation.result();
  EXPECT_EQ(result.entities_strict.micro.correct, 1u);
  EXPECT_DOUBLE_EQ(result.entities_strict.micro.precision(), 0.5);
  EXPECT_DOUBLE_EQ(result.entities_strict.micro.recall(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(result.entities_strict.micro.f1(), 0.4);
  EXPECT_EQ(result.entities_strict.by_type.at("C").predicted, 1u);
  EXPECT_EQ(result.entities_boundary.micro.correct, 2u);
  EXPECT_EQ(result.entities_boundary.by_type.at("B").correct, 1u);
  EXPECT_EQ(result.entities_boundary.by_type.count("C"), 0u);
  EXPECT_EQ(result.relations_strict.micro.correct, 0u);
  EXPECT_EQ(result.relations_boundary.micro.correct, 1u);
}

TEST(Evaluation, PositionsOfDifferentReportsNeverMeet) {
  StructuredReport one, other;
  one.entities = {Mention("A", 0, 1)};
  Evaluation evaluation;
  evaluation.Add(one, other);
  evaluation.Add(other, one);
  EXPECT_EQ(evaluation.result().entities_strict.micro.correct, 0u);
}

TEST(Evaluation, EmptyIsZeroNotANumberThatIsNone) {
  const Score score = Evaluation().result().entities_strict.micro;
  EXPECT_EQ(score.precision(), 0.0);
  EXPECT_EQ(score.recall(), 0.0);
  EXPECT_EQ(score.f1(), 0.0);
}

TEST(Evaluation, RefusesADanglingRelationAndCountsNothing) {
  StructuredReport good, bad;
  bad.entities = {Mention("A", 0, 1)};
  bad.relations = {{"modify", 0, 1, 1.0}};
  Evaluation evaluation;
  EXPECT_THROW(evaluation.Add(good, bad), Error);
  EXPECT_THROW(evaluation.Add(bad, good), Error);
  EXPECT_EQ(evaluation.result().reports, 0u);
  EXPECT_EQ(evaluation.result().entities_strict.micro.gold, 0u);
}

}  // namespace
}  // namespace radie
