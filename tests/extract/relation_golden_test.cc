// Stage 2 against the same network in PyTorch: sequences, pooled rows, logits, decisions.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "libradie/extract/pair_reading.h"
#include "libradie/extract/relating.h"
#include "libradie/extract/relation_encoding.h"
#include "radie/extractor.h"
#include "tests/extract/golden_cases.h"

namespace radie::internal {
namespace {

using nlohmann::json;

class RelationGolden : public ::testing::Test {
 protected:
  static std::vector<EntityMention> Mentions(const json& text) {
    std::vector<EntityMention> mentions;
    for (const json& entity : text.at("entities")) {
      mentions.push_back({entity.at("type"), {entity.at("begin"), entity.at("end")}});
    }
    return mentions;
  }

  // All of the report's sequences and pairs.
  static RelationSequences Plan(const LoadedModel& model, const json& text,
                                const std::string& report_text) {
    PreparedReport report = Prepare(report_text, model, {});
    PlaceMentions(Mentions(text), OffsetUnit::kCodePoint, model.config.schema, report);
    const RelationInput input = BuildRelationInput(*model.relations, report);
    const RelationsConfig& config = *model.config.relations;
    RelationSequences all;
    for (const Candidates& candidates : FindCandidates(input, *model.relations, config, 100000)) {
      RelationSequences some = EncodeCandidates(input, *model.relations, config, candidates);
      for (CandidatePair& pair : some.pairs) pair.sequence += all.sequences.size();
      all.pairs.insert(all.pairs.end(), some.pairs.begin(), some.pairs.end());
      all.sequences.insert(all.sequences.end(), some.sequences.begin(), some.sequences.end());
      all.out_of_window += some.out_of_window;
    }
    return all;
  }

  const json golden_ = ReadGoldenJson("relation.json");
};

// Golden pairs may be listed in another order than ours.
const CandidatePair* FindPair(const RelationSequences& plan, std::size_t head, std::size_t tail) {
  for (const CandidatePair& pair : plan.pairs) {
    if (pair.head == head && pair.tail == tail) return &pair;
  }
  return nullptr;
}

std::vector<std::int32_t> TypesOf(const Sequence& sequence) {
  return sequence.types.empty() ? std::vector<std::int32_t>(sequence.ids.size(), 0)
                                : sequence.types;
}

// The one row that is read stands twice; with [CLS] there are none of the tail.
std::array<std::size_t, 2> TwoRows(const json& rows) {
  if (rows.empty()) return {};
  return {rows.front().get<std::size_t>(), rows.back().get<std::size_t>()};
}

// Those of layout `levitated`.
MarkerGroup MarkersOf(const json& expected) {
  MarkerGroup group;
  if (!expected.contains("markers")) return group;
  group.ids = expected.at("markers");
  group.positions = expected.at("positions");
  return group;
}

TEST_F(RelationGolden, SequencesAndRowsOfEveryLayout) {
  for (const json& test_case : golden_.at("cases")) {
    SCOPED_TRACE(test_case.at("model").get<std::string>());
    const auto model = LoadGolden(test_case);
    for (const json& text : test_case.at("texts")) {
      const std::string report_text = text.at("text");
      SCOPED_TRACE(report_text);
      const RelationSequences plan = Plan(model->loaded(), text, report_text);
      EXPECT_EQ(plan.pairs.size(), text.at("pairs").size());
      EXPECT_EQ(plan.out_of_window, text.at("out_of_window").get<std::size_t>());
      for (const json& expected : text.at("pairs")) {
        const CandidatePair* pair = FindPair(plan, expected.at("head"), expected.at("tail"));
        ASSERT_NE(pair, nullptr) << expected;
        const auto& sequence = text.at("sequences").at(expected.at("sequence").get<std::size_t>());
        const Sequence& found = plan.sequences[pair->sequence];
        EXPECT_EQ(found.ids, sequence.at("ids").get<std::vector<std::int32_t>>()) << expected;
        EXPECT_EQ(TypesOf(found), sequence.at("types").get<std::vector<std::int32_t>>())
            << expected;
        EXPECT_EQ(pair->question.rows.head, TwoRows(expected.at("head_rows")));
        EXPECT_EQ(pair->question.rows.tail, TwoRows(expected.at("tail_rows")));
        EXPECT_EQ(pair->question.markers, MarkersOf(expected)) << expected;
      }
    }
  }
}

TEST_F(RelationGolden, LogitsAndProbabilities) {
  ThreadPool pool(1);
  double largest = 0;
  for (const json& test_case : golden_.at("cases")) {
    SCOPED_TRACE(test_case.at("model").get<std::string>());
    const auto model = LoadGolden(test_case);
    const RelationStage& stage = *model->loaded().relations;
    for (const json& text : test_case.at("texts")) {
      const std::string report_text = text.at("text");
      const RelationSequences plan = Plan(model->loaded(), text, report_text);
      for (const json& expected : text.at("pairs")) {
        const CandidatePair* pair = FindPair(plan, expected.at("head"), expected.at("tail"));
        ASSERT_NE(pair, nullptr);
        SequenceSet sequences;
        const std::size_t index = sequences.Add(plan.sequences[pair->sequence]);
        const PairReading reading(*model->loaded().config.relations, sequences, index,
                                  {pair->question});
        Tensor logits;
        sequences.Encode(
            1, stage.encoder, pool, 1, {}, [&](std::size_t) { return reading.reading(); },
            [&](std::size_t, ConstMatrixView states) {
              logits = reading.Score(stage.classifier, states);
            });
        for (std::size_t l = 0; l < logits.cols(); ++l) {
          const double difference =
              std::fabs(logits.view().row(0)[l] - expected.at("logits")[l].get<double>());
          largest = std::max(largest, difference);
          EXPECT_LE(difference, 1e-4);
        }
      }
    }
  }
  RecordProperty("largest_difference", std::to_string(largest));
}

// Whoever looks at a model sees what head it has, and the markers that it reads.
TEST_F(RelationGolden, InfoNamesTheHeadThatIsNotTheUsualOne) {
  std::size_t others = 0;
  for (const json& test_case : golden_.at("cases")) {
    const std::string name = test_case.at("model");
    SCOPED_TRACE(name);
    const auto model = LoadGolden(test_case);
    std::map<std::string, std::string> settings;
    for (const auto& [key, value] : model->info().stages.at(0).settings) settings[key] = value;
    const bool r_bert = name.find("r_bert") != std::string::npos;
    const bool linear = name.find("linear") != std::string::npos;
    EXPECT_EQ(settings.count("head"), std::size_t{r_bert || linear});
    EXPECT_EQ(settings.count("separator"), std::size_t{r_bert});
    EXPECT_EQ(name.find("relation_" + settings["layout"] + "_"), 0u) << settings["layout"];
    const std::string head = r_bert ? "r_bert" : linear ? "linear after LayerNorm" : "";
    EXPECT_EQ(settings["head"], head);
    if (name == "relation_pair_start_concat_linear.radie") {
      EXPECT_NE(settings["markers"].find("Clinical_finding=[unused4]"), std::string::npos)
          << settings["markers"];
    }
    others += r_bert || linear;
  }
  EXPECT_EQ(others, 7u);
}

TEST_F(RelationGolden, DecisionsOfTheWholeStage) {
  for (const json& test_case : golden_.at("cases")) {
    SCOPED_TRACE(test_case.at("model").get<std::string>());
    const Extractor extractor(LoadGolden(test_case));
    for (const json& text : test_case.at("texts")) {
      const StructuredReport report =
          extractor.Relate(text.at("text").get<std::string>(), Mentions(text));
      std::size_t related = 0;
      for (const json& expected : text.at("pairs")) {
        const std::string label = expected.at("label");
        if (label == "none") continue;
        ++related;
        const auto found =
            std::find_if(report.relations.begin(), report.relations.end(), [&](const Relation& r) {
              return r.head == expected.at("head") && r.tail == expected.at("tail");
            });
        ASSERT_NE(found, report.relations.end()) << expected;
        EXPECT_EQ(found->type, label);
        const std::size_t index = LabelIndex(test_case.at("labels"), label);
        EXPECT_NEAR(found->confidence, expected.at("probabilities")[index].get<double>(), 1e-4);
      }
      EXPECT_EQ(report.relations.size(), related);
    }
  }
}

}  // namespace
}  // namespace radie::internal
