// A damaged model file is refused with an Error or gives finite results. Nothing in between.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "radie/encoder.h"
#include "radie/extractor.h"

namespace radie {
namespace {

std::string ReadGolden(const std::string& name) {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Loads and uses the model. Returns whether it was accepted.
bool Survives(const std::string& bytes) {
  std::shared_ptr<const Model> model;
  try {
    model = Model::LoadFromMemory(bytes.data(), bytes.size());
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    return false;
  }
  const std::string text = "右肺に結節を認める。転移は認めない。";
  auto check = [](const StructuredReport& report) {
    for (const Entity& entity : report.entities) EXPECT_TRUE(std::isfinite(entity.confidence));
    for (const Relation& relation : report.relations)
      EXPECT_TRUE(std::isfinite(relation.confidence));
  };
  try {
    if (model->has_stage(Stage::kEncoder)) {
      const std::vector<std::int32_t> ids = {0, 1, 2};
      const std::vector<std::size_t> lengths = {3};
      EXPECT_EQ(Encoder(model, Stage::kEncoder, 1).Encode({ids, lengths, {}}).states.size(),
                3 * model->info().stages.front().hidden_size);
      return true;
    }
    const Extractor extractor(model, {.threads = 1});
    if (model->has_stage(Stage::kEntities)) check(extractor.Tag(text));
    if (model->has_stage(Stage::kRelations)) {
      std::vector<EntityMention> mentions;
      const auto& types = model->info().schema.entity_types;
      for (std::size_t i = 0; i < 4; ++i)
        mentions.push_back({types[i % types.size()].name, {4 * i, 4 * i + 2}});
      check(extractor.Relate(text, mentions));
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidModel) << error.what();
  }
  return true;
}

class HostileModel : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileModel, WholeFileIsAccepted) { EXPECT_TRUE(Survives(ReadGolden(GetParam()))); }

TEST_P(HostileModel, EveryTruncationIsRefused) {
  const std::string bytes = ReadGolden(GetParam());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Survives(bytes.substr(0, size))) << size;
  }
}

TEST_P(HostileModel, RandomByteFlipsAreRefusedOrFinite) {
  const std::string bytes = ReadGolden(GetParam());
  std::mt19937 random(17);
  std::size_t accepted = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = bytes;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      // Half of the flips go to the header, where the structure is.
      const std::size_t range =
          random() % 2 == 0 ? damaged.size() : std::min<std::size_t>(damaged.size(), 6000);
      damaged[random() % range] = static_cast<char>(random());
    }
    accepted += Survives(damaged);
  }
  EXPECT_GT(accepted, 0u);     // flips inside a weight are harmless
  EXPECT_LT(accepted, 5000u);  // flips inside the structure are not
}

INSTANTIATE_TEST_SUITE_P(Stages, HostileModel,
                         ::testing::Values("tagger_crf.radie", "relation_pair_both_concat.radie",
                                           "relation_tail_both_mean.radie",
                                           "encoder_h7_heads7.radie"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace radie
