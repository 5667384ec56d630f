#include "radie/differences.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "radie/evaluation.h"

namespace radie {
namespace {

using EntityKind = EntityDifference::Kind;
using RelationKind = RelationDifference::Kind;

Entity At(const std::string& type, std::size_t begin, std::size_t end) {
  Entity entity;
  entity.type = type;
  entity.span.code_points = {begin, end};
  return entity;
}

StructuredReport Report(std::vector<Entity> entities, std::vector<Relation> relations = {}) {
  StructuredReport report;
  report.entities = std::move(entities);
  report.relations = std::move(relations);
  return report;
}

void ExpectEntity(const EntityDifference& found, EntityKind kind, std::optional<std::size_t> gold,
                  std::optional<std::size_t> predicted) {
  EXPECT_EQ(int(found.kind), int(kind));
  EXPECT_EQ(found.gold, gold);
  EXPECT_EQ(found.predicted, predicted);
}

void ExpectRelation(const RelationDifference& found, RelationKind kind,
                    std::optional<std::size_t> gold, std::optional<std::size_t> predicted) {
  EXPECT_EQ(int(found.kind), int(kind));
  EXPECT_EQ(found.gold, gold);
  EXPECT_EQ(found.predicted, predicted);
}

TEST(Differences, TellKindsOfMentionsApartInOrder) {
  const StructuredReport gold =
      Report({At("A", 0, 2), At("B", 3, 5), At("A", 6, 9), At("A", 10, 12), At("C", 20, 22)});
  const StructuredReport predicted =
      Report({At("C", 14, 16), At("A", 0, 2), At("C", 3, 5), At("A", 7, 9), At("B", 11, 12)});
  const Differences found = FindDifferences(gold, predicted);
  EXPECT_EQ(found.equal_entities, std::vector<std::size_t>{0});
  ASSERT_EQ(found.entities.size(), 5u);
  ExpectEntity(found.entities[0], EntityKind::kType, 1, 2);
  ExpectEntity(found.entities[1], EntityKind::kBounds, 2, 3);
  ExpectEntity(found.entities[2], EntityKind::kBoundsAndType, 3, 4);
  ExpectEntity(found.entities[3], EntityKind::kSpurious, std::nullopt, 0);
  ExpectEntity(found.entities[4], EntityKind::kMissed, 4, std::nullopt);
}

TEST(Differences, PairOneToOneByWhatIsSharedMost) {
  // The long mention was found in two pieces: the larger one is its own, the other is spurious.
  const Differences pieces =
      FindDifferences(Report({At("A", 0, 9)}), Report({At("A", 0, 3), At("A", 3, 9)}));
  ASSERT_EQ(pieces.entities.size(), 2u);
  ExpectEntity(pieces.entities[0], EntityKind::kSpurious, std::nullopt, 0);
  ExpectEntity(pieces.entities[1], EntityKind::kBounds, 0, 1);
  // One of the right type is taken before a larger one of another.
  const Differences typed =
      FindDifferences(Report({At("A", 0, 9)}), Report({At("B", 0, 7), At("A", 7, 9)}));
  ExpectEntity(typed.entities[1], EntityKind::kBounds, 0, 1);
  // Touching is not overlapping.
  const Differences apart = FindDifferences(Report({At("A", 0, 2)}), Report({At("A", 2, 4)}));
  ASSERT_EQ(apart.entities.size(), 2u);
  ExpectEntity(apart.entities[0], EntityKind::kMissed, 0, std::nullopt);
  ExpectEntity(apart.entities[1], EntityKind::kSpurious, std::nullopt, 0);
}

TEST(Differences, TellKindsOfRelationsApart) {
  const StructuredReport gold =
      Report({At("A", 0, 2), At("O", 3, 5), At("A", 6, 8), At("O", 9, 11)},
             {{"m", 0, 1}, {"m", 2, 1}, {"m", 2, 3}, {"e", 1, 3}});
  const StructuredReport predicted =
      Report({At("A", 0, 2), At("O", 3, 5), At("A", 6, 7), At("O", 9, 11)},
             {{"m", 0, 1}, {"m", 2, 1}, {"m", 1, 3}, {"m", 0, 3}});
  const Differences found = FindDifferences(gold, predicted);
  EXPECT_EQ(found.equal_relations, std::vector<std::size_t>{0});
  ASSERT_EQ(found.relations.size(), 4u);
  ExpectRelation(found.relations[0], RelationKind::kMentions, 1, 1);
  ExpectRelation(found.relations[1], RelationKind::kSpurious, std::nullopt, 3);
  ExpectRelation(found.relations[2], RelationKind::kType, 3, 2);
  ExpectRelation(found.relations[3], RelationKind::kMissed, 2, std::nullopt);
}

TEST(Differences, RefuseRelationsThatPointNowhere) {
  const StructuredReport bad = Report({At("A", 0, 1)}, {{"m", 0, 1}});
  EXPECT_THROW(FindDifferences(bad, Report({})), Error);
  EXPECT_THROW(FindDifferences(Report({}), bad), Error);
}

StructuredReport Random(std::mt19937& random) {
  StructuredReport report;
  const std::string types[] = {"A", "B", "O"};
  const std::size_t entities = random() % 12;
  for (std::size_t i = 0; i < entities; ++i) {
    const std::size_t begin = random() % 20;
    report.entities.push_back(At(types[random() % 3], begin, begin + 1 + random() % 4));
  }
  for (std::size_t i = 0; entities > 0 && i < random() % 10; ++i)
    report.relations.push_back(
        {random() % 2 ? "m" : "e", random() % entities, random() % entities});
  return report;
}

TEST(Differences, AddUpToTheStrictFigures) {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    const StructuredReport gold = Random(random), predicted = Random(random);
    Evaluation evaluation;
    evaluation.Add(gold, predicted);
    const ReportScores& scores = evaluation.result().by_report[0];
    const Differences found = FindDifferences(gold, predicted);
    std::set<std::size_t> golds, others;
    std::size_t gold_sides = 0, predicted_sides = 0;
    for (const EntityDifference& difference : found.entities) {
      if (difference.gold) ++gold_sides, golds.insert(*difference.gold);
      if (difference.predicted) ++predicted_sides, others.insert(*difference.predicted);
    }
    EXPECT_EQ(golds.size(), gold_sides);
    EXPECT_EQ(others.size(), predicted_sides);
    EXPECT_EQ(found.equal_entities.size(), scores.entities_strict.correct);
    EXPECT_EQ(gold_sides + found.equal_entities.size(), scores.entities_strict.gold);
    EXPECT_EQ(predicted_sides + found.equal_entities.size(), scores.entities_strict.predicted);
    gold_sides = predicted_sides = 0;
    for (const RelationDifference& difference : found.relations) {
      gold_sides += difference.gold.has_value();
      predicted_sides += difference.predicted.has_value();
    }
    EXPECT_EQ(found.equal_relations.size(), scores.relations_strict.correct);
    EXPECT_EQ(gold_sides + found.equal_relations.size(), scores.relations_strict.gold);
    EXPECT_EQ(predicted_sides + found.equal_relations.size(), scores.relations_strict.predicted);
  }
}

TEST(Differences, CostLittleWhereThousandsOverlap) {
  StructuredReport gold, predicted;
  for (std::size_t i = 0; i < 20000; ++i) {
    gold.entities.push_back(At("A", i, 100000 + i));
    predicted.entities.push_back(At("B", i, 200000 + i));
  }
  const Differences found = FindDifferences(gold, predicted);
  EXPECT_GE(found.entities.size(), 20000u);
  EXPECT_TRUE(found.equal_entities.empty());
}

}  // namespace
}  // namespace radie
