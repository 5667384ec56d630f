// Tags, coverage, confusion and the scores of single reports, against counting character by
// character.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "radie/evaluation.h"

namespace radie {
namespace {

constexpr std::size_t kCharacters = 12;

Entity EntityAt(const std::string& type, std::size_t begin, std::size_t end) {
  Entity entity;
  entity.type = type;
  entity.span.code_points = {begin, end};
  return entity;
}

StructuredReport RandomEntities(std::mt19937& random) {
  const char* kTypes[] = {"A", "B", "C"};
  StructuredReport report;
  for (std::size_t n = random() % 7; n > 0; --n) {
    const std::size_t begin = random() % (kCharacters - 3);
    report.entities.push_back(EntityAt(kTypes[random() % 3], begin, begin + 1 + random() % 3));
  }
  return report;
}

bool Covers(const Entity& entity, std::size_t character) {
  return entity.span.code_points.begin <= character && character < entity.span.code_points.end;
}

bool Equal(const Entity& a, const Entity& b) {
  return a.type == b.type && a.span.code_points == b.span.code_points;
}

// Each entity once.
std::vector<Entity> Distinct(const StructuredReport& report) {
  std::vector<Entity> distinct;
  for (const Entity& entity : report.entities) {
    const auto same = [&](const Entity& other) { return Equal(entity, other); };
    if (std::none_of(distinct.begin(), distinct.end(), same)) distinct.push_back(entity);
  }
  return distinct;
}

// ---- coverage ----

bool SharesCharacter(const Entity& a, const Entity& b) {
  for (std::size_t c = 0; c < kCharacters; ++c) {
    if (Covers(a, c) && Covers(b, c)) return true;
  }
  return false;
}

void BruteCoverage(const StructuredReport& gold, const StructuredReport& predicted,
                   Coverage& coverage) {
  for (const Entity& g : Distinct(gold)) {
    bool strict = false, same_type = false, any = false;
    for (const Entity& p : predicted.entities) {
      strict = strict || Equal(g, p);
      same_type = same_type || (g.type == p.type && SharesCharacter(g, p));
      any = any || SharesCharacter(g, p);
    }
    coverage.entities += 1;
    coverage.strict += strict;
    coverage.overlapping += same_type;
    coverage.overlapping_any_type += any;
  }
  for (std::size_t c = 0; c < kCharacters; ++c) {
    bool inside = false, same_type = false, any = false;
    for (const Entity& g : gold.entities) {
      inside = inside || Covers(g, c);
      for (const Entity& p : predicted.entities) {
        any = any || (Covers(g, c) && Covers(p, c));
        same_type = same_type || (Covers(g, c) && Covers(p, c) && g.type == p.type);
      }
    }
    coverage.characters += inside;
    coverage.characters_found += same_type;
    coverage.characters_any_type += any;
  }
}

TEST(Coverage, AgreesWithCountingCharacterByCharacter) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    Evaluation evaluation;
    Coverage expected;
    for (int r = 0; r < 3; ++r) {
      const StructuredReport gold = RandomEntities(random), predicted = RandomEntities(random);
      evaluation.Add(gold, predicted);
      BruteCoverage(gold, predicted, expected);
    }
    const Coverage& coverage = evaluation.result().coverage;
    ASSERT_EQ(coverage.entities, expected.entities);
    ASSERT_EQ(coverage.strict, expected.strict);
    ASSERT_EQ(coverage.overlapping, expected.overlapping);
    ASSERT_EQ(coverage.overlapping_any_type, expected.overlapping_any_type);
    ASSERT_EQ(coverage.characters, expected.characters);
    ASSERT_EQ(coverage.characters_found, expected.characters_found);
    ASSERT_EQ(coverage.characters_any_type, expected.characters_any_type);
  }
}

TEST(Coverage, SpansThatOnlyTouchShareNothing) {
  StructuredReport gold, predicted;
  gold.entities = {EntityAt("A", 2, 4)};
  predicted.entities = {EntityAt("A", 0, 2), EntityAt("A", 4, 6), EntityAt("B", 3, 5)};
  Evaluation evaluation;
  evaluation.Add(gold, predicted);
  const Coverage& coverage = evaluation.result().coverage;
  EXPECT_EQ(coverage.overlapping, 0u);
  EXPECT_EQ(coverage.overlapping_any_type, 1u);
  EXPECT_EQ(coverage.characters_found, 0u);
  EXPECT_EQ(coverage.characters_any_type, 1u);
}

// ---- tags ----

using Tags = std::vector<std::string>;

// IOB2 by the documented rule: begins first, then longest, then type; what overlaps is left out.
Tags TagsOf(const StructuredReport& report, std::size_t& untagged) {
  Tags tags(kCharacters, "O");
  std::vector<Entity> rest = Distinct(report);
  while (!rest.empty()) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < rest.size(); ++i) {
      const Range &a = rest[i].span.code_points, &b = rest[first].span.code_points;
      if (a.begin < b.begin || (a.begin == b.begin && a.end > b.end) ||
          (a == b && rest[i].type < rest[first].type)) {
        first = i;
      }
    }
    const Entity entity = rest[first];
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(first));
    bool free = true;
    for (std::size_t c = 0; c < kCharacters; ++c)
      free = free && !(Covers(entity, c) && tags[c] != "O");
    untagged += !free;
    for (std::size_t c = 0; free && c < kCharacters; ++c) {
      if (!Covers(entity, c)) continue;
      tags[c] = (c == entity.span.code_points.begin ? "B-" : "I-") + entity.type;
    }
  }
  return tags;
}

// Chunks as conlleval and seqeval's default mode read them.
std::vector<Entity> ChunksOf(const Tags& tags) {
  std::vector<Entity> chunks;
  std::string previous = "O";
  for (std::size_t c = 0; c < tags.size(); ++c) {
    const std::string& tag = tags[c];
    const bool goes_on = tag[0] == 'I' && previous != "O" && previous.substr(1) == tag.substr(1);
    if (goes_on) {
      ++chunks.back().span.code_points.end;
    } else if (tag != "O") {
      chunks.push_back(EntityAt(tag.substr(2), c, c + 1));
    }
    previous = tag;
  }
  return chunks;
}

TEST(EntitiesTags, AgreeWithChunksOfIob2Tags) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    Evaluation evaluation;
    Score expected;
    std::size_t untagged_gold = 0, untagged_predicted = 0;
    for (int r = 0; r < 3; ++r) {
      const StructuredReport gold = RandomEntities(random), predicted = RandomEntities(random);
      evaluation.Add(gold, predicted);
      const std::vector<Entity> g = ChunksOf(TagsOf(gold, untagged_gold));
      const std::vector<Entity> p = ChunksOf(TagsOf(predicted, untagged_predicted));
      expected.gold += g.size();
      expected.predicted += p.size();
      for (const Entity& one : g) {
        expected.correct +=
            std::any_of(p.begin(), p.end(), [&](const Entity& other) { return Equal(one, other); });
      }
    }
    const EvaluationResult& result = evaluation.result();
    ASSERT_EQ(result.entities_tags.micro.gold, expected.gold);
    ASSERT_EQ(result.entities_tags.micro.predicted, expected.predicted);
    ASSERT_EQ(result.entities_tags.micro.correct, expected.correct);
    ASSERT_EQ(result.untagged_gold, untagged_gold);
    ASSERT_EQ(result.untagged_predicted, untagged_predicted);
    ASSERT_EQ(expected.gold + untagged_gold, result.entities_strict.micro.gold);
  }
}

// ---- confusion ----

std::size_t Row(const Confusion& confusion, const std::string& gold) {
  std::size_t sum = confusion.missed.count(gold) ? confusion.missed.at(gold) : 0;
  if (confusion.same_span.count(gold) == 0) return sum;
  for (const auto& [predicted, count] : confusion.same_span.at(gold)) sum += count;
  return sum;
}

std::size_t Column(const Confusion& confusion, const std::string& predicted) {
  std::size_t sum = confusion.spurious.count(predicted) ? confusion.spurious.at(predicted) : 0;
  for (const auto& [gold, row] : confusion.same_span) {
    if (row.count(predicted) > 0) sum += row.at(predicted);
  }
  return sum;
}

TEST(Confusion, RowsAndColumnsAddUpToTheEntities) {
  std::mt19937 random(13);
  Evaluation evaluation;
  std::size_t equal_spans = 0;  // pairs that one-to-one matching of spans can make
  for (int round = 0; round < 500; ++round) {
    const StructuredReport gold = RandomEntities(random), predicted = RandomEntities(random);
    evaluation.Add(gold, predicted);
    for (std::size_t begin = 0; begin < kCharacters; ++begin) {
      for (std::size_t end = begin + 1; end <= kCharacters; ++end) {
        const auto here = [&](const Entity& e) { return e.span.code_points == Range{begin, end}; };
        const std::vector<Entity> g = Distinct(gold), p = Distinct(predicted);
        equal_spans += static_cast<std::size_t>(std::min(std::count_if(g.begin(), g.end(), here),
                                                         std::count_if(p.begin(), p.end(), here)));
      }
    }
  }
  const EvaluationResult& result = evaluation.result();
  std::size_t pairs = 0;
  for (const auto& [gold, row] : result.confusion.same_span) {
    for (const auto& [predicted, count] : row) pairs += count;
  }
  EXPECT_EQ(pairs, equal_spans);
  for (const char* type : {"A", "B", "C"}) {
    const Score& score = result.entities_strict.by_type.at(type);
    EXPECT_EQ(Row(result.confusion, type), score.gold);
    EXPECT_EQ(Column(result.confusion, type), score.predicted);
    EXPECT_EQ(result.confusion.same_span.at(type).at(type), score.correct);
  }
}

TEST(Confusion, CountsAWorkedExample) {
  StructuredReport gold, predicted;
  gold.entities = {EntityAt("A", 0, 2), EntityAt("A", 3, 5), EntityAt("B", 6, 8),
                   EntityAt("B", 0, 2)};
  predicted.entities = {EntityAt("A", 0, 2), EntityAt("C", 3, 5), EntityAt("B", 6, 9),
                        EntityAt("C", 0, 2)};
  Evaluation evaluation;
  evaluation.Add(gold, predicted);
  const Confusion& confusion = evaluation.result().confusion;
  using Row = std::map<std::string, std::size_t>;
  EXPECT_EQ(confusion.same_span.at("A"), (Row{{"A", 1}, {"C", 1}}));
  EXPECT_EQ(confusion.same_span.at("B"), (Row{{"C", 1}}));
  EXPECT_EQ(confusion.missed, (Row{{"B", 1}}));
  EXPECT_EQ(confusion.spurious, (Row{{"B", 1}}));
}

// ---- single reports ----

TEST(ByReport, EqualsAnEvaluationOfThatReportAlone) {
  std::mt19937 random(17);
  Evaluation all;
  for (std::size_t r = 0; r < 50; ++r) {
    StructuredReport gold = RandomEntities(random), predicted = RandomEntities(random);
    for (StructuredReport* report : {&gold, &predicted}) {
      const std::size_t size = report->entities.size();
      for (std::size_t i = 0; i < 2 * size; ++i)
        report->relations.push_back({"modify", random() % size, random() % size, 1.0});
    }
    Evaluation alone;
    alone.Add(gold, predicted);
    all.Add(gold, predicted);
    ASSERT_EQ(all.result().by_report.size(), r + 1);
    const ReportScores& report = all.result().by_report.back();
    const EvaluationResult& expected = alone.result();
    const std::pair<Score, Score> kPairs[] = {
        {report.entities_strict, expected.entities_strict.micro},
        {report.entities_boundary, expected.entities_boundary.micro},
        {report.entities_tags, expected.entities_tags.micro},
        {report.relations_strict, expected.relations_strict.micro},
        {report.relations_boundary, expected.relations_boundary.micro}};
    for (const auto& [score, other] : kPairs) {
      ASSERT_EQ(score.gold, other.gold);
      ASSERT_EQ(score.predicted, other.predicted);
      ASSERT_EQ(score.correct, other.correct);
    }
  }
}

}  // namespace
}  // namespace radie
