// Any metadata: refused, or settings that agree with each other.
#include <string>

#include "fuzz.h"
#include "libradie/heads/tag_labels.h"
#include "libradie/model/config.h"
#include "libradie/text/normalization.h"
#include "radie/error.h"
#if defined(RADIE_FUZZING)
#include "model_mutation.h"
#endif

namespace radie::fuzz {
namespace {

void CheckEncoder(const EncoderConfig& encoder) {
  ASSERT_TRUE(encoder.layers <= 64 && encoder.hidden_size >= 1 && encoder.hidden_size <= 8192);
  ASSERT_TRUE(encoder.attention_heads >= 1 && encoder.hidden_size % encoder.attention_heads == 0);
  ASSERT_TRUE(encoder.vocab_size >= 1 && encoder.vocab_size <= 1'000'000);
  ASSERT_TRUE(encoder.layer_norm_eps > 0 && encoder.layer_norm_eps < 1);
  if (!encoder.rope_theta) return;
  ASSERT_TRUE(*encoder.rope_theta > 1 && *encoder.rope_theta <= 1e9);
  ASSERT_EQ(encoder.HeadSize() % 2, 0U);
  ASSERT_LE(encoder.max_positions * encoder.HeadSize(), std::size_t{1} << 24);
}

void CheckTokenizer(const ModelConfig& config, const TokenizerSettings& tokenizer,
                    const EncoderConfig& encoder) {
  const TokenizerProfile* profile = FindTokenizerProfile(tokenizer.profile);
  ASSERT_NE(profile, nullptr);
  if (profile->kind != TokenizerKind::kSentencePiece) {
    ASSERT_EQ(config.vocabularies.at(tokenizer.vocab_name).size(), encoder.vocab_size);
  }
}

void CheckSchema(const Schema& schema) {
  ASSERT_TRUE(schema.entity_types.size() <= 511 && schema.relation_types.size() <= 511);
  for (const RelationType& type : schema.relation_types) {
    ASSERT_EQ(type.heads.size(), schema.entity_types.size());
    ASSERT_EQ(type.tails.size(), schema.entity_types.size());
  }
}

void CheckConfig(const ModelConfig& config) {
  CheckSchema(config.schema);
  if (config.entities) {
    const EntitiesConfig& stage = *config.entities;
    CheckEncoder(stage.encoder);
    CheckTokenizer(config, stage.tokenizer, stage.encoder);
    const TagLabels labels(stage.labels, config.schema, stage.scheme);
    ASSERT_EQ(labels.Constraints().step.size(), stage.labels.size() * stage.labels.size());
    ASSERT_GE(stage.encoder.max_positions, 3U);
  }
  if (config.relations) {
    const RelationsConfig& stage = *config.relations;
    CheckEncoder(stage.encoder);
    CheckTokenizer(config, stage.tokenizer, stage.encoder);
    ASSERT_EQ(stage.labels.size(), config.schema.relation_types.size() + 1);
    ASSERT_GE(stage.PooledSize(), stage.encoder.hidden_size);
  }
  if (config.encoder) CheckEncoder(config.encoder->encoder);
  ASSERT_TRUE(config.entities || config.relations || config.encoder);
}

}  // namespace

RADIE_FUZZ_TARGET(model_config) {
  try {
    const ModelConfig config = ParseModelConfig(ModelFile::FromMemory(bytes.data(), bytes.size()));
    CheckConfig(config);
    const Normalization normalization(config.normalization);
    (void)normalization.Apply(Document::Decode("肺に１２ mm の結節。"));
  } catch (const Error& error) {
    ASSERT_TRUE(error.code() == ErrorCode::kInvalidModel ||
                error.code() == ErrorCode::kUnsupportedModel ||
                error.code() == ErrorCode::kLimitExceeded)
        << error.what();
    const std::string_view message = error.what();
    ASSERT_EQ(WellFormed(message, message.size()), message);
  }
}

#if defined(RADIE_FUZZING)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return MutateModel(data, size, most, seed);
}
#endif

}  // namespace radie::fuzz
