#include "libradie/model/config.h"

#include <algorithm>
#include <utility>

#include "libradie/model/field_names.h"
#include "libradie/model/json_fields.h"
#include "libradie/model/json_value.h"
#include "libradie/model/normalization_parser.h"
#include "libradie/model/quoted.h"
#include "libradie/model/relations_parser.h"
#include "libradie/model/schema_parser.h"
#include "libradie/model/stage_parts.h"
#include "libradie/model/tokenizer_parser.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxVocabularies = 8;
constexpr std::size_t kMaxSources = 64;

// A metadata value that is a JSON document; nothing when the key is absent.
std::optional<JsonValue> FindDocument(const ModelFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) return std::nullopt;
  return ParseJson(found->second, "metadata " + Quoted(key));
}

JsonValue RequireDocument(const ModelFile& file, const std::string& key) {
  std::optional<JsonValue> document = FindDocument(file, key);
  if (!document) ThrowInvalid("metadata key " + Quoted(key) + " is missing");
  return std::move(*document);
}

void CheckFormat(const ModelFile& file) {
  const auto& metadata = file.metadata();
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != "radie") {
    ThrowInvalid("metadata key \"format\" is not \"radie\": this is no radie model");
  }
  const auto version = metadata.find("format_version");
  if (version == metadata.end()) ThrowInvalid("metadata key \"format_version\" is missing");
  if (version->second != "1") {
    throw Error(ErrorCode::kUnsupportedModel,
                "format_version: " + Quoted(version->second) + ", this version reads \"1\"");
  }
}

void ParseModel(const ModelFile& file, ModelConfig* config) {
  const JsonValue document = RequireDocument(file, "model");
  const JsonFields fields(document, "model");
  config->name = fields.String("name");
  config->version = fields.String("version");
  config->license = fields.String("license");
  config->description = fields.String("description");
  for (const JsonFields& source : fields.Objects("sources", kMaxSources)) {
    config->sources.push_back(source.String("role") + " " + source.String("file") + " " +
                              source.String("sha256"));
  }
}

void ParseText(const ModelFile& file, ModelConfig* config) {
  const JsonValue document = RequireDocument(file, "text");
  const JsonFields fields(document, "text");
  config->normalization = ParseNormalization(document);
  config->normalization_name = NormalizationName(config->normalization);
  config->sentences = fields.String("sentences");
}

Vocabularies ParseVocabularies(const ModelFile& file) {
  static constexpr std::string_view kPrefix = "vocab.";
  Vocabularies vocabularies;
  for (const auto& [key, value] : file.metadata()) {
    if (key.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    if (vocabularies.size() == kMaxVocabularies) {
      ThrowInvalid("metadata has more than " + std::to_string(kMaxVocabularies) + " vocab.* keys");
    }
    const std::string what = "metadata " + Quoted(key);
    vocabularies.emplace(key.substr(kPrefix.size()),
                         ToStrings(ParseJson(value, what), what, kMaxVocabulary));
  }
  return vocabularies;
}

void CheckEntityLabels(const JsonFields& stage, const EntitiesConfig& config,
                       const Schema& schema) {
  for (const std::string& label : config.labels) {
    if (IsOutsideLabel(label)) continue;
    if (!IsTypedLabel(label, config.scheme) ||
        !schema.FindEntityType(std::string_view(label).substr(2))) {
      std::string known = "O";
      for (const char prefix : LabelPrefixes(config.scheme)) {
        known += std::string(", ") + prefix + "-TYPE";
      }
      stage.ThrowInvalid("labels",
                         Quoted(label) + " is none of " + known + " with a TYPE of the schema");
    }
  }
  if (std::find(config.labels.begin(), config.labels.end(), "O") == config.labels.end()) {
    stage.ThrowInvalid("labels", "the label O is missing");
  }
}

EntitiesConfig ParseEntities(const JsonFields& stage, const Schema& schema,
                             const ModelConfig& texts) {
  EntitiesConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  config.tokenizer = ParseTokenizer(stage.Object("tokenizer"), texts.sentencepieces);
  CheckPositions(stage, config.encoder);
  CheckVocabulary(stage, config.encoder, config.tokenizer, texts.vocabularies);

  config.labels = ParseLabels(stage);
  config.scheme = stage.OptionalChoice("scheme", LabelScheme::kIob2, kLabelSchemes);
  CheckEntityLabels(stage, config, schema);
  config.head = stage.Choice("head", kTaggerHeads);
  config.constrained = stage.Boolean("constrained", true);
  config.temperature = ParseTemperature(stage);
  config.special_tokens_in_path = stage.Boolean("special_tokens_in_path", false);
  using Subwords = EntitiesConfig::Subwords;
  config.subwords = stage.OptionalChoice("subwords", Subwords::kAll, kSubwords);
  const TokenizerProfile& profile = *FindTokenizerProfile(config.tokenizer.profile);
  if (config.subwords != Subwords::kAll && !profile.word_pieces) {
    stage.ThrowInvalid("subwords", "the tokenizer " + Quoted(config.tokenizer.profile) +
                                       " has no pieces that begin with ##");
  }
  return config;
}

EncoderOnlyConfig ParseEncoderOnly(const JsonFields& stage, const ModelConfig& texts) {
  EncoderOnlyConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  if (stage.Has("tokenizer")) {
    config.tokenizer = ParseTokenizer(stage.Object("tokenizer"), texts.sentencepieces);
    CheckVocabulary(stage, config.encoder, *config.tokenizer, texts.vocabularies);
  }
  return config;
}

void ParseStages(const ModelFile& file, ModelConfig* config) {
  const std::optional<JsonValue> entities = FindDocument(file, "entities");
  const std::optional<JsonValue> relations = FindDocument(file, "relations");
  const std::optional<JsonValue> encoder = FindDocument(file, "encoder");
  if (!entities && !relations && !encoder) {
    ThrowInvalid("metadata has no stage: none of the keys entities, relations, encoder");
  }
  if (encoder && (entities || relations)) {
    ThrowInvalid("metadata key \"encoder\" stands beside another stage");
  }
  const std::optional<JsonValue> schema =
      encoder ? FindDocument(file, "schema") : RequireDocument(file, "schema");
  if (schema) config->schema = ParseSchema(JsonFields(*schema, "schema"));
  if (entities) {
    config->entities = ParseEntities(JsonFields(*entities, "entities"), config->schema, *config);
  }
  if (relations) {
    config->relations =
        ParseRelations(JsonFields(*relations, "relations"), config->schema, *config);
  }
  if (encoder) {
    config->encoder = ParseEncoderOnly(JsonFields(*encoder, "encoder"), *config);
  }
}

}  // namespace

ModelConfig ParseModelConfig(const ModelFile& file) {
  CheckFormat(file);
  ModelConfig config;
  ParseModel(file, &config);
  ParseText(file, &config);
  config.vocabularies = ParseVocabularies(file);
  config.sentencepieces = ParseSentencePieces(file);
  ParseStages(file, &config);
  return config;
}

}  // namespace radie
