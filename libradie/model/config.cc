#include "libradie/model/config.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "libradie/model/json_fields.h"
#include "libradie/model/json_value.h"
#include "libradie/model/quoted.h"
#include "libradie/model/schema_parser.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxLayers = 64;
constexpr std::size_t kMaxHidden = 8'192;
constexpr std::size_t kMaxHeads = 128;
constexpr std::size_t kMaxIntermediate = 65'536;
constexpr std::size_t kMaxVocabularies = 8;
constexpr std::size_t kMaxVocabulary = 1'000'000;
constexpr std::size_t kMaxPositions = 65'536;
constexpr std::size_t kMaxTokenTypes = 1'024;
constexpr std::size_t kMaxLabels = 1'024;
constexpr std::size_t kMaxSources = 64;
constexpr std::size_t kMaxWordLength = 10'000;
constexpr std::size_t kMaxTokens = 1'000'000'000;  // context_tokens, scope.limit

using Vocabularies = std::map<std::string, std::vector<std::string>>;

[[noreturn]] void ThrowInvalid(const std::string& message) {
  throw Error(ErrorCode::kInvalidModel, message);
}

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
  config->normalization = fields.String("normalization");
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

EncoderConfig ParseEncoder(const JsonFields& fields) {
  EncoderConfig encoder;
  encoder.layers = fields.Size("num_hidden_layers", 1, kMaxLayers);
  encoder.hidden_size = fields.Size("hidden_size", 1, kMaxHidden);
  encoder.attention_heads = fields.Size("num_attention_heads", 1, kMaxHeads);
  encoder.intermediate_size = fields.Size("intermediate_size", 1, kMaxIntermediate);
  encoder.vocab_size = fields.Size("vocab_size", 1, kMaxVocabulary);
  encoder.max_positions = fields.Size("max_position_embeddings", 1, kMaxPositions);
  encoder.type_vocab_size = fields.Size("type_vocab_size", 1, kMaxTokenTypes);
  encoder.embedding_size = fields.Has("embedding_size")
                               ? fields.Size("embedding_size", 1, kMaxHidden)
                               : encoder.hidden_size;
  if (encoder.hidden_size % encoder.attention_heads != 0) {
    fields.ThrowInvalid("hidden_size", "is " + std::to_string(encoder.hidden_size) +
                                           ", no multiple of num_attention_heads " +
                                           std::to_string(encoder.attention_heads));
  }
  encoder.activation_name = fields.String("hidden_act");
  encoder.activation =
      fields.Choice<Activation>("hidden_act", {{"gelu", Activation::kGeluErf},
                                               {"gelu_new", Activation::kGeluTanh},
                                               {"gelu_pytorch_tanh", Activation::kGeluTanh},
                                               {"relu", Activation::kRelu}});
  const double eps = fields.Number("layer_norm_eps");
  encoder.layer_norm_eps = static_cast<float>(eps);
  if (!(encoder.layer_norm_eps > 0 && eps < 1)) {  // 0 divides by zero where a row is constant
    fields.ThrowInvalid("layer_norm_eps", "is not between 0 and 1");
  }
  return encoder;
}

// The tokens of one stage's vocabulary, for asking which it holds.
class TokenSet {
 public:
  explicit TokenSet(const std::vector<std::string>& tokens)
      : tokens_(tokens.begin(), tokens.end()) {}

  // The field's token must be in the vocabulary.
  void Require(const std::string& path, const std::string& token) const {
    if (tokens_.count(token) == 0) {
      ThrowInvalid(path + ": " + Quoted(token) + " is not in the vocabulary");
    }
  }

 private:
  std::unordered_set<std::string_view> tokens_;
};

TokenizerSettings ParseTokenizer(const JsonFields& fields) {
  TokenizerSettings settings;
  settings.profile = fields.String("profile");
  if (settings.profile != "char" && settings.profile != "bert-basic") {
    fields.ThrowUnknown("profile");
  }
  settings.vocab_name = fields.String("vocab");
  settings.unk_token = fields.String("unk_token");
  settings.cls_token = fields.String("cls_token");
  settings.sep_token = fields.String("sep_token");
  settings.do_lower_case = fields.Boolean("do_lower_case", true);
  settings.strip_accents = fields.IsNull("strip_accents")
                               ? settings.do_lower_case
                               : fields.Boolean("strip_accents", settings.do_lower_case);
  settings.tokenize_chinese_chars = fields.Boolean("tokenize_chinese_chars", true);
  if (fields.Has("max_input_chars_per_word")) {
    settings.max_input_chars_per_word = fields.Size("max_input_chars_per_word", 1, kMaxWordLength);
  }
  return settings;
}

// The stage's vocabulary, as large as its embedding table and with the special tokens in it.
TokenSet CheckVocabulary(const JsonFields& stage, const EncoderConfig& encoder,
                         const TokenizerSettings& tokenizer, const Vocabularies& vocabularies) {
  const std::string path = stage.path() + ".tokenizer.";
  const auto vocabulary = vocabularies.find(tokenizer.vocab_name);
  if (vocabulary == vocabularies.end()) {
    ThrowInvalid(path + "vocab: metadata has no vocabulary " + Quoted(tokenizer.vocab_name));
  }
  if (vocabulary->second.size() != encoder.vocab_size) {
    ThrowInvalid(path + "vocab: " + Quoted(tokenizer.vocab_name) + " holds " +
                 std::to_string(vocabulary->second.size()) + " tokens, encoder.vocab_size is " +
                 std::to_string(encoder.vocab_size));
  }
  const TokenSet tokens(vocabulary->second);
  tokens.Require(path + "unk_token", tokenizer.unk_token);
  tokens.Require(path + "cls_token", tokenizer.cls_token);
  tokens.Require(path + "sep_token", tokenizer.sep_token);
  return tokens;
}

// A stage that reads text puts at least one token between [CLS] and [SEP].
void CheckPositions(const JsonFields& stage, const EncoderConfig& encoder) {
  if (encoder.max_positions < 3) {
    ThrowInvalid(stage.path() + ".encoder.max_position_embeddings: is " +
                 std::to_string(encoder.max_positions) + ", at least 3");
  }
}

std::vector<std::string> ParseLabels(const JsonFields& stage) {
  std::vector<std::string> labels = stage.Strings("labels", kMaxLabels);
  std::unordered_set<std::string_view> seen;
  for (const std::string& label : labels) {
    if (!seen.insert(label).second) {
      stage.ThrowInvalid("labels", Quoted(label) + " stands there twice");
    }
  }
  return labels;
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
                             const Vocabularies& vocabularies) {
  EntitiesConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  config.tokenizer = ParseTokenizer(stage.Object("tokenizer"));
  CheckPositions(stage, config.encoder);
  CheckVocabulary(stage, config.encoder, config.tokenizer, vocabularies);

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
  config.special_tokens_in_path = stage.Boolean("special_tokens_in_path", false);
  using Subwords = EntitiesConfig::Subwords;
  config.subwords = OptionalChoice(
      stage, "subwords", Subwords::kAll,
      {{"all", Subwords::kAll}, {"first", Subwords::kFirst}, {"last", Subwords::kLast}});
  if (config.subwords != Subwords::kAll && config.tokenizer.profile == "char") {
    stage.ThrowInvalid("subwords", "with the tokenizer \"char\" every token is a word");
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
                               const Vocabularies& vocabularies) {
  RelationsConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  config.tokenizer = ParseTokenizer(stage.Object("tokenizer"));
  CheckPositions(stage, config.encoder);
  const TokenSet tokens = CheckVocabulary(stage, config.encoder, config.tokenizer, vocabularies);
  config.labels = ParseLabels(stage);
  CheckRelationLabels(stage, config.labels, schema);
  ParseReading(stage, &config);
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

EncoderOnlyConfig ParseEncoderOnly(const JsonFields& stage, const Vocabularies& vocabularies) {
  EncoderOnlyConfig config;
  config.encoder = ParseEncoder(stage.Object("encoder"));
  if (stage.Has("tokenizer")) {
    config.tokenizer = ParseTokenizer(stage.Object("tokenizer"));
    CheckVocabulary(stage, config.encoder, *config.tokenizer, vocabularies);
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
    config->entities =
        ParseEntities(JsonFields(*entities, "entities"), config->schema, config->vocabularies);
  }
  if (relations) {
    config->relations =
        ParseRelations(JsonFields(*relations, "relations"), config->schema, config->vocabularies);
  }
  if (encoder) {
    config->encoder = ParseEncoderOnly(JsonFields(*encoder, "encoder"), config->vocabularies);
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
  ParseStages(file, &config);
  return config;
}

}  // namespace radie
