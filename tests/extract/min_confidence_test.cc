// What ExtractorOptions::min_confidence leaves out, and that it is told.
#include "libradie/extract/min_confidence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "radie/extractor.h"

namespace radie {
namespace {

std::shared_ptr<const Model> SharedModel() {
  static const std::shared_ptr<const Model> model =
      Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  return model;
}

constexpr std::string_view kText =
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。左肺下葉にすりガラス影が散見され"
    "、"
    "増大傾向です。縦隔リンパ節腫大なし。肝S8に嚢胞を認めます。";

// Entities with confidences and the relations between them; the last one is an object.
StructuredReport Report(const std::vector<double>& entities,
                        const std::vector<std::pair<std::size_t, std::size_t>>& relations,
                        double relation_confidence) {
  StructuredReport report;
  for (std::size_t i = 0; i < entities.size(); ++i) {
    report.entities.push_back({std::to_string(i), {}, "", entities[i]});
  }
  for (const auto& [head, tail] : relations) {
    report.relations.push_back({"modify", head, tail, relation_confidence});
  }
  std::vector<bool> is_object(entities.size(), false);
  is_object.back() = true;
  report.findings = AssembleFindings(report.entities, report.relations, is_object);
  return report;
}

TEST(MinConfidence, RemovesAndNumbersAnew) {
  StructuredReport report = Report({0.9, 0.2, 0.5, 0.8}, {{0, 1}, {0, 3}, {2, 3}, {1, 3}}, 0.9);
  report.relations[2].confidence = 0.4;
  internal::LeaveOutBelow(0.5, report);
  ASSERT_EQ(report.entities.size(), 3u);  // 0.5 is not below 0.5
  EXPECT_EQ(report.entities[1].type, "2");
  ASSERT_EQ(report.relations.size(), 1u);
  EXPECT_EQ(report.relations[0].type, "modify");
  EXPECT_EQ(report.relations[0].head, 0u);
  EXPECT_EQ(report.relations[0].tail, 2u);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].object, 2u);
  EXPECT_EQ(report.findings[0].attributes, std::vector<std::size_t>{0});
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_EQ(report.warnings[0].code, "below_min_confidence");
  EXPECT_EQ(report.warnings[0].message,
            "1 entity and 1 relation of less confidence than asked for were left out, and 2 other "
            "relations of such entities");
}

TEST(MinConfidence, WhatWasDeniedDoesNotTurnIntoAPresence) {
  StructuredReport report = Report({0.9, 0.2, 0.8}, {{0, 2}, {1, 2}}, 0.9);
  report.findings[0].certainty = Certainty{CertaintyClass::kDenial, 0.1, {0, 1}};
  internal::LeaveOutBelow(0.5, report);
  ASSERT_EQ(report.findings.size(), 1u);
  ASSERT_TRUE(report.findings[0].certainty.has_value());
  EXPECT_EQ(report.findings[0].certainty->value, CertaintyClass::kDenial);
  EXPECT_EQ(report.findings[0].certainty->confidence, 0.1);
  EXPECT_EQ(report.findings[0].certainty->sources, std::vector<std::size_t>{0});
  EXPECT_EQ(report.findings[0].attributes, std::vector<std::size_t>{0});
}

TEST(MinConfidence, SaysNothingWhereNothingIsLost) {
  StructuredReport report = Report({0.9, 0.5}, {{0, 1}}, 0.5);
  internal::LeaveOutBelow(0.5, report);
  EXPECT_EQ(report.entities.size(), 2u);
  EXPECT_EQ(report.entities[1].type, "1");
  ASSERT_EQ(report.relations.size(), 1u);
  EXPECT_EQ(report.relations[0].type, "modify");
  EXPECT_TRUE(report.warnings.empty());
}

// Against the report without a minimum, at every confidence that some entity or relation has.
TEST(MinConfidence, WhatIsLeftIsAsWithoutAMinimum) {
  const StructuredReport all = Extractor(SharedModel(), {.threads = 1}).Extract(kText);
  std::set<double> minima = {1e-9, 1.0};
  for (const Entity& entity : all.entities) minima.insert(entity.confidence);
  for (const Relation& relation : all.relations) minima.insert(relation.confidence);
  ASSERT_GT(minima.size(), 10u);
  std::size_t kept = 0;
  for (const double minimum : minima) {
    const StructuredReport some =
        Extractor(SharedModel(), {.min_confidence = minimum, .threads = 1}).Extract(kText);
    std::vector<std::size_t> old;  // index without a minimum
    for (std::size_t i = 0; i < all.entities.size(); ++i) {
      if (all.entities[i].confidence >= minimum) old.push_back(i);
    }
    ASSERT_EQ(some.entities.size(), old.size());
    for (std::size_t i = 0; i < old.size(); ++i) {
      EXPECT_EQ(some.entities[i].type, all.entities[old[i]].type);
      EXPECT_EQ(some.entities[i].text, all.entities[old[i]].text);
      EXPECT_EQ(some.entities[i].span.utf8, all.entities[old[i]].span.utf8);
      EXPECT_EQ(some.entities[i].confidence, all.entities[old[i]].confidence);
    }
    std::vector<std::tuple<std::string, std::size_t, std::size_t, double>> expected, found;
    const auto is_left = [&](std::size_t i) {
      return std::binary_search(old.begin(), old.end(), i);
    };
    for (const Relation& relation : all.relations) {
      if (relation.confidence < minimum) continue;
      if (is_left(relation.head) && is_left(relation.tail)) {
        expected.emplace_back(relation.type, relation.head, relation.tail, relation.confidence);
      }
    }
    for (const Relation& r : some.relations) {
      found.emplace_back(r.type, old.at(r.head), old.at(r.tail), r.confidence);
    }
    EXPECT_EQ(found, expected);
    kept += found.size();
    std::size_t links = 0;
    for (const Finding& finding : some.findings) {
      EXPECT_LT(finding.object, some.entities.size());
      links += finding.attributes.size() + finding.evidence.size();
    }
    EXPECT_EQ(links, found.size());
    const bool lost =
        some.entities.size() < all.entities.size() || found.size() < all.relations.size();
    EXPECT_EQ(some.warnings.size(), all.warnings.size() + (lost ? 1 : 0));
  }
  EXPECT_GT(kept, 0u);
}

TEST(MinConfidence, MentionsOfTheCallerStay) {
  const Extractor extractor(SharedModel(), {.min_confidence = 1.0});
  const std::vector<EntityMention> mentions = {{"Anatomical_entity", {0, 4}},
                                               {"Imaging_observation", {14, 16}}};
  EXPECT_EQ(extractor.Relate(kText, mentions).entities.size(), 2u);
}

TEST(MinConfidence, IsAProbability) {
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(Extractor(SharedModel(), {.min_confidence = bad}), Error) << bad;
  }
}

}  // namespace
}  // namespace radie
