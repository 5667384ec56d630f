// Any bytes as a whole model: refused, or finite results on a report.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "fuzz.h"
#include "radie/encoder.h"
#include "radie/extractor.h"
#if defined(RADIE_FUZZING)
#include "model_mutation.h"
#endif

namespace radie::fuzz {
namespace {

const std::string kText = "右肺に結節を認める。\n転移なし。";

void CheckReport(const StructuredReport& report) {
  for (const Entity& entity : report.entities) {
    ASSERT_TRUE(entity.confidence >= 0 && entity.confidence <= 1) << entity.confidence;
    ASSERT_EQ(entity.text,
              kText.substr(entity.span.utf8.begin, entity.span.utf8.end - entity.span.utf8.begin));
  }
  for (const Relation& relation : report.relations) {
    ASSERT_TRUE(relation.confidence >= 0 && relation.confidence <= 1) << relation.confidence;
    ASSERT_LT(std::max(relation.head, relation.tail), report.entities.size());
  }
}

void Use(const std::shared_ptr<const Model>& model) {
  if (model->has_stage(Stage::kEncoder)) {
    const std::vector<std::int32_t> ids = {0};
    const std::vector<std::size_t> lengths = {1};
    const auto states = Encoder(model, Stage::kEncoder, 1).Encode({ids, lengths, {}}).states;
    ASSERT_EQ(states.size(), model->info().stages.front().hidden_size);
    return;
  }
  const Extractor extractor(model, {.threads = 1});
  if (model->has_stage(Stage::kEntities)) CheckReport(extractor.Tag(kText));
  if (!model->has_stage(Stage::kRelations)) return;
  std::vector<EntityMention> mentions;
  const auto& types = model->info().schema.entity_types;
  for (std::size_t i = 0; i < 3; ++i) {
    mentions.push_back({types[i % types.size()].name, {4 * i, 4 * i + 2}});
  }
  CheckReport(extractor.Relate(kText, mentions));
}

}  // namespace

RADIE_FUZZ_TARGET(model_load) {
  try {
    const auto model = Model::LoadFromMemory(bytes.data(), bytes.size());
    Use(model);
  } catch (const Error& error) {
    ASSERT_NE(error.code(), ErrorCode::kInternal) << error.what();
    ASSERT_STRNE(error.what(), "");
  }
}

#if defined(RADIE_FUZZING)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return MutateModel(data, size, most, seed);
}
#endif

}  // namespace radie::fuzz
