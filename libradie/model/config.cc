#include "libradie/model/config.h"

#include <algorithm>
#include <utility>

#include "libradie/model/json_fields.h"
#include "libradie/model/json_value.h"
#include "libradie/model/normalization_parser.h"
#include "libradie/model/quoted.h"
#include "libradie/model/schema_parser.h"
#include "libradie/model/stage_parts.h"
#include "libradie/model/tokenizer_parser.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxVocabularies = 8;
constexpr std::size_t kMaxSources = 64;
constexpr std::size_t kMaxTokens = 1'000'000'000;  // context_tokens, scope.limit

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

template <typename Enum>
Enum OptionalChoice(const JsonFields& fields, const std::string& key, Enum absent,
                    const std::map<std::string, Enum>& values) {
  return fields.Has(key) ? fields.Choice<Enum>(key, values) : absent;
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
  config.scheme = OptionalChoice(stage, "scheme", LabelScheme::kIob2,
                                 {{"iob2", LabelScheme::kIob2},
                                  {"iob1", LabelScheme::kIob1},
                                  {"io", LabelScheme::kIo},
                                  {"bioes", LabelScheme::kBioes}});
  CheckEntityLabels(stage, config, schema);
  config.head = stage.Choice<EntitiesConfig::Head>(
      "head", {{"softmax", EntitiesConfig::Head::kSoftmax}, {"crf", EntitiesConfig::Head::kCrf}});
  config.constrained = stage.Boolean("constrained", true);
  config.temperature = ParseTemperature(stage);
  config.special_tokens_in_path = stage.Boolean("special_tokens_in_path", false);
  using Subwords = EntitiesConfig::Subwords;
  config.subwords = OptionalChoice(
      stage, "subwords", Subwords::kAll,
      {{"all", Subwords::kAll}, {"first", Subwords::kFirst}, {"last", Subwords::kLast}});
  const TokenizerProfile& profile = *FindTokenizerProfile(config.tokenizer.profile);
  if (config.subwords != Subwords::kAll && !profile.word_pieces) {
    stage.ThrowInvalid("subwords", "the tokenizer " + Quoted(config.tokenizer.profile) +
                                       " has no pieces that begin with ##");
  }
  return config;
}

// With layout `pair` only candidates carry markers; with `tail` every entity beside the object
// does.
void CheckMarkers(const RelationsConfig& config, const Schema& schema, const TokenSet& tokens,
                  const std::string& path) {
  for (std::size_t type = 0; type < schema.entity_types.size(); ++type) {
    bool head = config.layout == RelationsConfig::Layout::kTail, tail = false;
    for (const RelationType& relation : schema.relation_types) {
      head = head || relation.heads[type];
      tail = tail || relation.tails[type];
    }
    const std::string& name = schema.entity_types[type].name;
    auto require = [&](const char* key, const std::string& marker) {
      tokens.Require(path + "." + key, MarkerFor(marker, name));
    };
    if (head) {
      require("head_start", config.head_start);
      require("head_end", config.head_end);
    }
    if (tail) {
      require("tail_start", config.tail_start);
      require("tail_end", config.tail_end);
    }
  }
}

// With layout `shared` a token's type tells whose mention it is part of.
void CheckTokenTypes(const JsonFields& stage, const EncoderConfig& encoder, const Schema& schema) {
  const std::size_t needed = 1 + 2 * schema.entity_types.size();
  if (encoder.type_vocab_size < needed) {
    stage.ThrowInvalid("layout", "\"shared\" needs " + std::to_string(needed) +
                                     " token types, encoder.type_vocab_size is " +
                                     std::to_string(encoder.type_vocab_size));
  }
}

void CheckRelationLabels(const JsonFields& stage, const std::vector<std::string>& labels,
                         const Schema& schema) {
  auto require = [&](std::string_view name) {
    if (std::find(labels.begin(), labels.end(), name) == labels.end()) {
      stage.ThrowInvalid("labels", Quoted(name) + " is missing");
    }
  };
  require(kNoRelation);
  for (const RelationType& type : schema.relation_types) require(type.name);
  for (const std::string& label : labels) {
    const bool known = label == kNoRelation ||
                       std::any_of(schema.relation_types.begin(), schema.relation_types.end(),
                                   [&](const RelationType& type) { return type.name == label; });
    if (!known) {
      stage.ThrowInvalid("labels", Quoted(label) + " is no relation type of the schema");
    }
  }
}

void ParseReading(const JsonFields& stage, RelationsConfig* config) {
  using Layout = RelationsConfig::Layout;
  using Pooling = RelationsConfig::Pooling;
  using Combine = RelationsConfig::Combine;
  using Scope = RelationsConfig::Scope;
  config->layout = stage.Choice<Layout>(
      "layout", {{"pair", Layout::kPair}, {"tail", Layout::kTail}, {"shared", Layout::kShared}});
  config->pooling = stage.Choice<Pooling>("pooling", {{"cls", Pooling::kCls},
                                                      {"start", Pooling::kStart},
                                                      {"end", Pooling::kEnd},
                                                      {"both", Pooling::kBoth}});
  if (config->layout != Layout::kPair && config->pooling == Pooling::kCls) {
    stage.ThrowInvalid("pooling", "\"cls\" cannot tell the pairs of one sequence apart");
  }
  if (config->pooling != Pooling::kCls || stage.Has("combine")) {
    config->combine =
        stage.Choice<Combine>("combine", {{"mean", Combine::kMean},
                                          {"concat", Combine::kConcat},
                                          {"concat_product", Combine::kConcatProduct}});
  }
  config->context_tokens = stage.Size("context_tokens", 0, kMaxTokens);
  const JsonFields scope = stage.Object("scope");
  config->scope = scope.Choice<Scope>(
      "kind",
      {{"report", Scope::kReport}, {"sentence", Scope::kSentence}, {"tokens", Scope::kTokens}});
  if (config->scope == Scope::kTokens) config->scope_limit = scope.Size("limit", 0, kMaxTokens);
}

RelationsConfig ParseRelations(const JsonFields& stage, const Schema& schema,
                               const ModelConfig& texts) {
  RelationsConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  config.tokenizer = ParseTokenizer(stage.Object("tokenizer"), texts.sentencepieces);
  CheckPositions(stage, config.encoder);
  const TokenSet tokens =
      CheckVocabulary(stage, config.encoder, config.tokenizer, texts.vocabularies);
  config.labels = ParseLabels(stage);
  CheckRelationLabels(stage, config.labels, schema);
  ParseReading(stage, &config);
  config.temperature = ParseTemperature(stage);
  if (config.layout == RelationsConfig::Layout::kShared) {
    CheckTokenTypes(stage, config.encoder, schema);
    return config;
  }
  const JsonFields markers = stage.Object("markers");
  config.head_start = markers.String("head_start");
  config.head_end = markers.String("head_end");
  config.tail_start = markers.String("tail_start");
  config.tail_end = markers.String("tail_end");
  CheckMarkers(config, schema, tokens, markers.path());
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

std::string MarkerFor(std::string marker, const std::string& type) {
  static constexpr std::string_view kPlace = "{type}";
  std::size_t at = marker.find(kPlace);
  while (at != std::string::npos) {
    marker.replace(at, kPlace.size(), type);
    at = marker.find(kPlace, at + type.size());
  }
  return marker;
}

std::size_t RelationsConfig::PooledSize() const {
  if (pooling == Pooling::kCls) return encoder.hidden_size;
  switch (combine) {
    case Combine::kMean:
      break;
    case Combine::kConcat:
      return 2 * encoder.hidden_size;
    case Combine::kConcatProduct:
      return 3 * encoder.hidden_size;
  }
  return encoder.hidden_size;
}

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
