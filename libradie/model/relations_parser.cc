#include "libradie/model/relations_parser.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libradie/model/field_names.h"
#include "libradie/model/quoted.h"
#include "libradie/model/schema_parser.h"
#include "libradie/model/stage_parts.h"
#include "libradie/model/tokenizer_parser.h"

namespace radie {
namespace {

constexpr std::size_t kMaxTokens = 1'000'000'000;  // context_tokens, scope.limit

// With layouts `pair` and `levitated` only candidates carry markers; with `tail` every entity
// beside the object does.
void CheckMarkers(const RelationsConfig& config, const Schema& schema, const TokenSet& tokens,
                  const std::string& path) {
  for (std::size_t type = 0; type < schema.entity_types.size(); ++type) {
    bool head = config.layout == RelationsConfig::Layout::kTail, tail = false;
    for (const RelationType& relation : schema.relation_types) {
      head = head || relation.heads[type];
      tail = tail || relation.tails[type];
    }
    const std::string& name = schema.entity_types[type].name;
    auto require = [&](const char* key, const MarkerTokens& marker) {
      const std::optional<std::string> token = marker.For(name);
      if (!token) ThrowInvalid(path + "." + key + ": has no token for " + Quoted(name));
      tokens.Require(path + "." + key, *token);
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
  using Scope = RelationsConfig::Scope;
  config->layout = stage.Choice("layout", kLayouts);
  config->pooling = stage.Choice("pooling", kPoolings);
  if (config->layout != Layout::kPair && config->pooling == Pooling::kCls) {
    stage.ThrowInvalid("pooling", "\"cls\" cannot tell the pairs of one sequence apart");
  }
  if (config->layout == Layout::kLevitated && config->AveragesRows()) {
    stage.ThrowInvalid("pooling",
                       "with layout \"levitated\" no token stands between a mention's markers: "
                       "\"start\", \"end\" or \"both\"");
  }
  if (config->pooling != Pooling::kCls || stage.Has("combine")) {
    config->combine = stage.Choice("combine", kCombines);
  }
  config->separator = stage.Boolean("separator", true);
  config->context_tokens = stage.Size("context_tokens", 0, kMaxTokens);
  const JsonFields scope = stage.Object("scope");
  config->scope = scope.Choice("kind", kScopes);
  if (config->scope == Scope::kTokens) config->scope_limit = scope.Size("limit", 0, kMaxTokens);
}

MarkerTokens ParseMarker(const JsonFields& markers, const std::string& key, const Schema& schema) {
  MarkerTokens marker;
  if (!markers.IsObject(key)) {
    marker.pattern = markers.String(key);
    return marker;
  }
  const JsonFields tokens = markers.Object(key);
  for (const std::string& type : tokens.Keys()) {
    if (!schema.FindEntityType(type)) tokens.ThrowInvalid(type, "is no entity type of the schema");
    marker.by_type.emplace(type, tokens.String(type));
  }
  if (marker.by_type.empty()) markers.ThrowInvalid(key, "holds no token");
  return marker;
}

// A field that only one head reads would change nothing beside another: it is refused there.
void ParseHead(const JsonFields& stage, RelationsConfig* config) {
  using Head = RelationsConfig::Head;
  config->head = stage.OptionalChoice("head", Head::kMlp, kRelationHeads);
  if (stage.Has("head_activation")) {
    if (config->head != Head::kMlp) stage.ThrowInvalid("head_activation", "only of head \"mlp\"");
    config->head_activation = stage.Choice("head_activation", kRelationHeadActivations);
  }
  if (stage.Has("head_layer_norm_eps")) {
    if (config->head != Head::kLinear) {
      stage.ThrowInvalid("head_layer_norm_eps", "only of head \"linear\"");
    }
    config->head_layer_norm_eps = ParseLayerNormEps(stage, "head_layer_norm_eps");
  }
  if (config->head == Head::kRBert && !config->ReadsCls()) {
    stage.ThrowInvalid("head",
                       "\"r_bert\" reads [CLS] and both mentions: combine \"cls_concat\", "
                       "with another pooling than \"cls\"");
  }
}

}  // namespace

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
  ParseHead(stage, &config);
  config.temperature = ParseTemperature(stage);
  if (config.layout == RelationsConfig::Layout::kShared) {
    CheckTokenTypes(stage, config.encoder, schema);
    return config;
  }
  const JsonFields markers = stage.Object("markers");
  config.head_start = ParseMarker(markers, "head_start", schema);
  config.head_end = ParseMarker(markers, "head_end", schema);
  config.tail_start = ParseMarker(markers, "tail_start", schema);
  config.tail_end = ParseMarker(markers, "tail_end", schema);
  CheckMarkers(config, schema, tokens, markers.path());
  return config;
}

std::optional<std::string> MarkerTokens::For(const std::string& type) const {
  static constexpr std::string_view kPlace = "{type}";
  if (!by_type.empty()) {
    const auto found = by_type.find(type);
    return found == by_type.end() ? std::nullopt : std::optional(found->second);
  }
  std::string marker = pattern;
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
    case Combine::kClsConcat:
      return 3 * encoder.hidden_size;
  }
  return encoder.hidden_size;
}

}  // namespace radie
