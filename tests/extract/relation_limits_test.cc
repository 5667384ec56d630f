// Stage 2 at the limits of the encoder's positions, of max_pairs, and of floating point.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include "libradie/extract/relation_encoding.h"
#include "radie/extractor.h"
#include "tests/extract/golden_cases.h"
#include "tests/extract/relation_input_of.h"

namespace radie::internal {
namespace {

class RelationLimits : public ::testing::Test {
 protected:
  RelationInput Input(std::size_t length, const std::vector<TokenRange>& mentions) const {
    return RelationInputOf(model_->loaded(), length, mentions);
  }

  RelationSequences Encode(const RelationInput& input) const {
    const auto candidates = FindCandidates(input, stage_, config_, 1000);
    EXPECT_EQ(candidates.size(), 1u);
    return EncodeCandidates(input, stage_, config_, candidates.front());
  }

  const std::shared_ptr<const Model> model_ =
      Model::Load(GoldenPath("relation_tail_both_mean.radie"));
  const RelationStage& stage_ = *model_->loaded().relations;
  const RelationsConfig& config_ = *model_->loaded().config.relations;
  const std::size_t positions_ = config_.encoder.max_positions;
};

TEST_F(RelationLimits, ObjectThatJustFitsLeavesNoRoomForAnother) {
  const std::size_t object = positions_ - 4;  // [CLS], [SEP] and its two markers
  const RelationSequences encoded = Encode(Input(object + 1, {{0, 1}, {1, object + 1}}));
  EXPECT_TRUE(encoded.pairs.empty());
  EXPECT_TRUE(encoded.sequences.empty());
  EXPECT_EQ(encoded.out_of_window, 1u);
}

TEST_F(RelationLimits, MentionThatSharesTheObjectsFirstToken) {
  for (std::size_t object = positions_ - 8; object <= positions_; ++object) {
    const RelationSequences encoded = Encode(Input(object, {{0, 1}, {0, object}}));
    const bool fits = object + 6 <= positions_;
    EXPECT_EQ(encoded.pairs.size(), fits ? 1u : 0u) << object;
    EXPECT_EQ(encoded.out_of_window, fits ? 0u : 1u);
    for (const auto& sequence : encoded.sequences) EXPECT_LE(sequence.ids.size(), positions_);
  }
}

// Two attributes that meet inside one token, on either side of an object of every size: each is in
// the window whole, or left out.
TEST_F(RelationLimits, MentionsThatShareATokenAtTheEdgeAreInsideOrLeftOut) {
  const Schema& schema = model_->loaded().config.schema;
  std::size_t read = 0, left_out = 0;
  for (std::size_t size = 1; size + 4 <= positions_; ++size) {
    for (const bool before : {true, false}) {
      const std::size_t object = before ? 2 : 0, other = before ? 0 : size;
      // They meet in the token that is the first to fall out.
      std::vector<TokenRange> mentions = {{other, before ? 1 : other + 2},
                                          {before ? 0 : other + 1, other + 2}};
      mentions.insert(before ? mentions.end() : mentions.begin(), {object, object + size});
      RelationInput input = Input(size + 2, mentions);
      for (std::size_t m = 0; m < 3; ++m) {
        const bool is_object = m == (before ? 2u : 0u);
        input.mentions[m].type =
            *schema.FindEntityType(is_object ? "Imaging_observation" : "Anatomical_entity");
      }
      const RelationSequences encoded = Encode(input);
      EXPECT_EQ(encoded.pairs.size() + encoded.out_of_window, 2u);
      for (const CandidatePair& pair : encoded.pairs) {
        const auto& [start, end] = pair.question.rows.head;
        EXPECT_LT(start, end) << size;
        EXPECT_LT(end, encoded.sequences[0].ids.size()) << size;
      }
      EXPECT_NE(encoded.pairs.size(), 1u) << size << ": one of two that fall out together";
      read += encoded.pairs.size();
      left_out += encoded.out_of_window;
    }
  }
  EXPECT_GT(read, 0u);
  EXPECT_GT(left_out, 0u);
}

TEST_F(RelationLimits, MentionsWithoutTokensTakeNoRoom) {
  const std::size_t object =
      positions_ - 7;  // with one attribute's token and markers: exactly full
  const RelationInput input =
      Input(object + 1, {{0, 1}, {1, object + 1}, {object + 1, object + 1}});
  EXPECT_EQ(Encode(input).pairs.size(), 1u);
}

TEST_F(RelationLimits, MaxPairsCountsWhatIsRead) {
  std::vector<TokenRange> mentions;
  for (std::size_t m = 0; m < 400; ++m) mentions.push_back({5 * m, 5 * m + 1});
  const RelationInput input = Input(2000, mentions);
  std::size_t pairs = 0;
  for (const auto& candidates : FindCandidates(input, stage_, config_, 100000))
    pairs += candidates.heads.size();
  EXPECT_LT(pairs, 200u * 40u);  // what the context reaches, not 200 × 200
  EXPECT_NO_THROW(FindCandidates(input, stage_, config_, pairs));
  EXPECT_THROW(FindCandidates(input, stage_, config_, pairs - 1), Error);
}

// Word embeddings so large that the first LayerNorm overflows.
TEST(Overflow, IsAnErrorOfTheReportInBothStages) {
  for (const char* name :
       {"tagger_crf.radie", "relation_pair_both_concat.radie", "relation_tail_both_mean.radie"}) {
    SCOPED_TRACE(name);
    std::ifstream file(GoldenPath(name), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof(header));
    const auto json = nlohmann::json::parse(bytes.substr(8, header));
    const std::string stage = std::string(name).find("tagger") == 0 ? "entities." : "relations.";
    const auto range = json.at(stage + "bert.embeddings.word_embeddings.weight").at("data_offsets");
    for (std::size_t at = range[0]; at < range[1].get<std::size_t>(); at += 4) {
      const float huge = std::numeric_limits<float>::max() * (at % 8 == 0 ? 0.9f : -0.9f);
      std::memcpy(&bytes[8 + header + at], &huge, sizeof(huge));
    }
    const Extractor extractor(Model::LoadFromMemory(bytes.data(), bytes.size()));
    const std::string text = "右肺に結節を認める。";
    const std::vector<EntityMention> mentions = {{"Anatomical_entity", {0, 2}},
                                                 {"Imaging_observation", {3, 5}}};
    try {
      stage == "entities." ? extractor.Tag(text) : extractor.Relate(text, mentions);
      ADD_FAILURE() << "a result from NaN";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
    }
  }
}

}  // namespace
}  // namespace radie::internal
