// Layout `levitated`: one text for all of its pairs, and results that no grouping changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "libradie/base/dtype.h"
#include "libradie/extract/pair_reading.h"
#include "libradie/extract/relating.h"
#include "libradie/kernels/kernels.h"
#include "radie/encoder.h"
#include "tests/extract/every_arithmetic.h"
#include "tests/extract/golden_cases.h"
#include "tests/extract/relation_input_of.h"
#include "tests/refusal.h"

namespace radie::internal {
namespace {

constexpr char kModel[] = "relation_levitated_start_concat_linear.radie";  // reads 70 tokens

// Of one letter each, attributes and objects in turn.
std::vector<EntityMention> MentionsOf(std::size_t count) {
  std::vector<EntityMention> mentions;
  for (std::size_t m = 0; m < count; ++m) {
    const char* type = m % 2 == 0 ? "Anatomical_entity" : "Imaging_observation";
    mentions.push_back({type, {m, m + 1}});
  }
  return mentions;
}

struct Given {
  std::string text;  // ASCII
  std::vector<EntityMention> mentions;
};

// Relations of reports in one call, confidences to the last bit, and warnings.
std::vector<std::string> Relate(const LoadedModel& model, const std::vector<Given>& given,
                                std::size_t threads, std::size_t max_batch_tokens) {
  ExtractorOptions options;
  options.max_batch_tokens = max_batch_tokens;
  ThreadPool pool(threads);
  ResultCache none(0);
  std::vector<PreparedReport> reports;
  for (const Given& one : given) {
    reports.push_back(Prepare(one.text, model, options));
    PlaceMentions(one.mentions, OffsetUnit::kCodePoint, model.config.schema, reports.back());
  }
  std::vector<PreparedReport*> pointers;
  for (PreparedReport& report : reports) pointers.push_back(&report);
  RelateReports(model, pointers, pool, options, none);
  std::vector<std::string> results;
  for (const PreparedReport& report : reports) {
    std::ostringstream out;
    out << std::hexfloat;
    for (const Relation& r : report.relations) {
      out << r.type << ' ' << r.head << ' ' << r.tail << ' ' << r.confidence << '\n';
    }
    for (const Warning& warning : report.warnings) out << warning.message << '\n';
    results.push_back(out.str());
  }
  return results;
}

class Levitated : public testing::TestWithParam<LoadOptions> {};

// Reports with the same text and other pairs share its reading; one has far more pairs than a
// reading takes, and one more text than the encoder reads at once.
TEST_P(Levitated, SameBitsWhateverTheGroupsTheBatchAndTheThreads) {
  const auto model = Model::Load(GoldenPath(kModel), GetParam());
  const std::string text(70, 'x');
  std::string changed = text;
  changed[0] = 'y';
  const std::vector<Given> given = {{text, MentionsOf(70)},
                                    {text, MentionsOf(3)},
                                    {changed, MentionsOf(9)},
                                    {std::string(200, 'x'), MentionsOf(120)}};
  std::vector<std::string> alone;
  for (const Given& one : given) {
    alone.push_back(Relate(model->loaded(), {one}, 1, 4096).front());
  }
  EXPECT_GT(std::count(alone[0].begin(), alone[0].end(), '\n'), 10);
  for (const std::size_t max_batch_tokens : {1, 1000, 100'000}) {
    const std::vector<Given> backwards(given.rbegin(), given.rend());
    std::vector<std::string> together =
        Relate(model->loaded(), backwards, 1 + max_batch_tokens % 3, max_batch_tokens);
    std::reverse(together.begin(), together.end());
    EXPECT_EQ(together, alone) << max_batch_tokens;
  }
}

INSTANTIATE_TEST_SUITE_P(Arithmetic, Levitated, testing::ValuesIn(EveryArithmetic()),
                         NameOfArithmetic);

class LevitatedPlan : public testing::Test {
 protected:
  RelationInput Input(std::size_t length, const std::vector<TokenRange>& mentions) const {
    return RelationInputOf(model_->loaded(), length, mentions);
  }

  // All tails' pairs and the distinct texts.
  std::pair<RelationSequences, std::size_t> Plan(const RelationInput& input) const {
    RelationSequences all;
    SequenceSet texts;
    for (const Candidates& candidates : FindCandidates(input, stage_, config_, 100'000)) {
      RelationSequences some = EncodeCandidates(input, stage_, config_, candidates);
      all.pairs.insert(all.pairs.end(), some.pairs.begin(), some.pairs.end());
      all.out_of_window += some.out_of_window;
      for (Sequence& text : some.sequences) {
        EXPECT_LE(text.ids.size(), config_.encoder.max_positions);
        EXPECT_TRUE(text.types.empty());
        texts.Add(std::move(text));
      }
    }
    return {std::move(all), texts.size()};
  }

  explicit LevitatedPlan(const char* model = kModel) : model_(Model::Load(GoldenPath(model))) {}

  const std::shared_ptr<const Model> model_;
  const RelationStage& stage_ = *model_->loaded().relations;
  const RelationsConfig& config_ = *model_->loaded().config.relations;
  const std::size_t window_ = config_.encoder.max_positions - 2;
};

TEST_F(LevitatedPlan, OneTextForAllItsPairsWhichTakeNoRoom) {
  std::vector<TokenRange> mentions;
  for (std::size_t m = 0; m < window_; ++m) mentions.push_back({m, m + 1});
  const auto [plan, texts] = Plan(Input(window_, mentions));
  EXPECT_EQ(texts, 1u);
  EXPECT_GT(plan.pairs.size(), config_.encoder.max_positions);
  EXPECT_EQ(plan.out_of_window, 0u);
}

TEST_F(LevitatedPlan, MarkersStandAtTheirMentionsFirstAndLastToken) {
  const auto [plan, texts] = Plan(Input(30, {{2, 5}, {9, 10}}));
  ASSERT_EQ(plan.pairs.size(), 1u);
  const MarkerGroup& markers = plan.pairs[0].question.markers;
  EXPECT_EQ(markers.positions, (std::array<std::int32_t, 4>{3, 5, 10, 10}));  // [CLS] is at 0
  const Schema& schema = model_->loaded().config.schema;
  const MarkerIds& head = stage_.markers[*schema.FindEntityType("Anatomical_entity")];
  const MarkerIds& tail = stage_.markers[*schema.FindEntityType("Imaging_observation")];
  EXPECT_EQ(markers.ids, (std::array<std::int32_t, 4>{head.head_start, head.head_end,
                                                      tail.tail_start, tail.tail_end}));
}

TEST_F(LevitatedPlan, AMentionThatNoWindowHoldsIsOutOfWindow) {
  EXPECT_EQ(Plan(Input(window_ + 1, {{0, 1}, {1, window_ + 1}})).first.out_of_window, 1u);
  EXPECT_EQ(Plan(Input(window_ + 2, {{0, 1}, {1, window_ + 2}})).first.out_of_window, 1u);
  EXPECT_EQ(Plan(Input(window_, {{0, 1}, {1, window_}})).first.pairs.size(), 1u);
}

TEST_F(LevitatedPlan, AReadingHoldsWhatABatchTakesAndAtLeastSomeDozens) {
  const Sequence text{std::vector<std::int32_t>(72, 1), {}};
  EXPECT_EQ(PairReading::MostQuestions(config_, text, 4096), (4096u - 72) / 4);
  EXPECT_EQ(PairReading::MostQuestions(config_, text, 1), 64u);
  EXPECT_EQ(PairReading::MostQuestions(config_, text, 80), 64u);
}

class LevitatedSentences : public LevitatedPlan {
 protected:
  LevitatedSentences() : LevitatedPlan("relation_levitated_start_concat_sentence_linear.radie") {}

  // Sentences of ten tokens; no context beyond them.
  RelationInput Sentences(const std::vector<TokenRange>& mentions) const {
    RelationInput input = Input(40, mentions);
    for (std::size_t t = 0; t < input.tokens.size(); ++t) input.sentence_of[t] = t / 10;
    return input;
  }
};

TEST_F(LevitatedSentences, AreReadOneByOne) {
  const auto [plan, texts] =
      Plan(Sentences({{0, 2}, {3, 4}, {8, 9}, {12, 13}, {15, 16}, {18, 19}, {31, 32}}));
  EXPECT_EQ(texts, 1u);  // equal ones
  for (const CandidatePair& pair : plan.pairs) {
    EXPECT_EQ(pair.head < 3, pair.tail < 3);
    for (std::int32_t position : pair.question.markers.positions) EXPECT_LE(position, 10);
  }
  EXPECT_FALSE(plan.pairs.empty());
  EXPECT_EQ(plan.out_of_window, 0u);
}

TEST_F(LevitatedSentences, AnObjectThatRunsIntoTheNextOneIsReadToItsEnd) {
  const auto [plan, texts] = Plan(Sentences({{2, 3}, {8, 14}}));
  ASSERT_EQ(plan.pairs.size(), 1u);
  EXPECT_EQ(plan.pairs[0].question.markers.positions, (std::array<std::int32_t, 4>{3, 3, 9, 14}));
  const RelationSequences head = Plan(Sentences({{0, 1}, {2, 3}, {8, 14}})).first;
  EXPECT_EQ(head.pairs.size(), 1u);
  EXPECT_EQ(head.out_of_window, 1u);
}

// The public encoder takes groups as the command `radie encode` gives them.
class LevitatedEncoder : public testing::Test {
 protected:
  void ExpectRefused(const EncoderInput& input, const std::string& message) const {
    const Refusal refusal = RefusalOf([&] { encoder_.Encode(input); });
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument) << message;
    EXPECT_NE(refusal.message.find(message), std::string::npos) << refusal.message;
  }

  const Encoder encoder_{Model::Load(GoldenPath(kModel)), Stage::kRelations, 1};
  const std::vector<std::int32_t> ids_ = {2, 5, 6, 3, 7, 8, 9, 10, 2, 3};
  const std::vector<std::int32_t> positions_ = {0, 1, 2, 3, 1, 1, 2, 2, 0, 1};
  const std::vector<std::size_t> lengths_ = {8, 2}, texts_ = {4, 2};
};

TEST_F(LevitatedEncoder, GroupsStandBehindTexts) {
  const EncoderOutput all = encoder_.Encode({ids_, lengths_, {}, texts_, positions_});
  const std::vector<std::size_t> alone = {4};
  const EncoderOutput text = encoder_.Encode({std::span(ids_).first(4), alone, {}});
  ASSERT_EQ(all.states.size(), 10 * all.hidden_size);
  EXPECT_TRUE(std::equal(text.states.begin(), text.states.end(), all.states.begin()));
}

TEST_F(LevitatedEncoder, RefusesWhatIsNoBatch) {
  const std::vector<std::size_t> none = {0, 10}, more = {8, 3}, less = {8, 1}, long_ = {73};
  ExpectRefused({ids_, none, {}, {}, {}}, "lengths[0]: 0 is not in 1…72");
  ExpectRefused({ids_, more, {}, {}, {}}, "lengths[1]: 3 is not in 1…2");
  ExpectRefused({ids_, less, {}, {}, {}}, "lengths: add up to 9, but there are 10 ids");
  ExpectRefused({ids_, long_, {}, {}, {}}, "lengths[0]: 73 is not in 1…72");
  const std::vector<std::int32_t> types(9, 0);
  ExpectRefused({ids_, lengths_, types, {}, {}}, "token_types: neither empty nor as many as ids");
}

TEST_F(LevitatedEncoder, IsMoved) {
  const EncoderOutput before = encoder_.Encode({ids_, lengths_, {}, {}, {}});
  Encoder other(Model::Load(GoldenPath(kModel)), Stage::kRelations, 1);
  Encoder moved(std::move(other));
  other = std::move(moved);
  EXPECT_EQ(other.hidden_size(), before.hidden_size);
  EXPECT_EQ(other.Encode({ids_, lengths_, {}, {}, {}}).states, before.states);
}

TEST_F(LevitatedEncoder, RefusesWhatIsNoTextWithGroups) {
  const std::vector<std::size_t> one = {4}, none = {0, 2}, long_ = {9, 2}, odd = {5, 2};
  ExpectRefused({ids_, lengths_, {}, one, positions_}, "text_lengths: neither empty nor");
  ExpectRefused({ids_, lengths_, {}, none, positions_}, "text_lengths[0]: 0 is not in 1");
  ExpectRefused({ids_, lengths_, {}, long_, positions_}, "text_lengths[0]: 9 is not in 1");
  ExpectRefused({ids_, lengths_, {}, odd, positions_}, "text_lengths[0]: 5 leaves groups");
  ExpectRefused({ids_, lengths_, {}, texts_, {}}, "positions: not as many as ids");
  ExpectRefused({ids_, lengths_, {}, {}, positions_}, "positions: not as many as ids");
  std::vector<std::int32_t> positions = positions_;
  positions[2] = 1;
  ExpectRefused({ids_, lengths_, {}, texts_, positions}, "positions[2]: a text's positions");
  positions = positions_;
  positions[6] = 72;
  ExpectRefused({ids_, lengths_, {}, texts_, positions}, "positions[6]: 72 is not in 0");
}

}  // namespace
}  // namespace radie::internal
