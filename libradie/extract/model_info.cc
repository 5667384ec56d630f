// What a model file says of itself, and whether its tensors are those it was written with.
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "libradie/extract/loaded_model.h"
#include "libradie/model/field_names.h"
#include "radie/model.h"

namespace radie::internal {
namespace {

SchemaInfo DescribeSchema(const Schema& schema) {
  SchemaInfo info;
  info.name = schema.name;
  for (const EntityType& type : schema.entity_types)
    info.entity_types.push_back({type.name, type.is_object, type.certainty});
  for (const RelationType& type : schema.relation_types) {
    RelationTypeInfo relation{type.name, {}, {}};
    for (std::size_t t = 0; t < schema.entity_types.size(); ++t) {
      if (type.heads[t]) relation.heads.push_back(schema.entity_types[t].name);
      if (type.tails[t]) relation.tails.push_back(schema.entity_types[t].name);
    }
    info.relation_types.push_back(std::move(relation));
  }
  return info;
}

StageInfo DescribeStage(Stage stage, const EncoderConfig& encoder,
                        const TokenizerSettings* tokenizer) {
  StageInfo info;
  info.stage = stage;
  info.layers = encoder.layers;
  info.hidden_size = encoder.hidden_size;
  info.attention_heads = encoder.attention_heads;
  info.intermediate_size = encoder.intermediate_size;
  info.max_positions = encoder.max_positions;
  info.vocabulary_size = encoder.vocab_size;
  info.token_types = encoder.type_vocab_size;
  info.activation = encoder.activation_name;
  info.layer_norm_eps = encoder.layer_norm_eps;
  info.rope_theta = encoder.rope_theta.value_or(0);
  if (tokenizer == nullptr) return info;
  info.tokenizer = tokenizer->profile;
  const TokenizerProfile* profile = FindTokenizerProfile(tokenizer->profile);
  const bool mecab =
      (profile != nullptr && profile->needs_mecab) || tokenizer->words == WordSplitter::kMecab;
  if (mecab) info.settings.emplace_back("dictionary", tokenizer->dictionary);
  return info;
}

// The pattern, or one type's tokens after the other.
std::string Name(const MarkerTokens& marker) {
  if (marker.by_type.empty()) return marker.pattern;
  std::string tokens;
  for (const auto& [type, token] : marker.by_type) {
    if (!tokens.empty()) tokens += ',';
    tokens.append(type).append("=").append(token);
  }
  return tokens;
}

std::string Markers(const RelationsConfig& config) {
  if (config.layout == RelationsConfig::Layout::kShared) return "none: token types";
  return Name(config.head_start) + " " + Name(config.head_end) + " " + Name(config.tail_start) +
         " " + Name(config.tail_end);
}

std::string HeadName(const RelationsConfig& config) {
  std::string name = NameIn(kRelationHeads, config.head);
  if (config.head == RelationsConfig::Head::kMlp) {
    return name + ", " + NameIn(kRelationHeadActivations, config.head_activation);
  }
  return config.head_layer_norm_eps ? name + " after LayerNorm" : name;
}

std::string ScopeName(const RelationsConfig& config) {
  std::string name = NameIn(kScopes, config.scope);
  if (config.scope != RelationsConfig::Scope::kTokens) return name;
  return name + ", at most " + std::to_string(config.scope_limit);
}

// Said only where it changes something.
void AddTemperature(double temperature, StageInfo& info) {
  if (temperature == 1) return;
  char digits[32];  // not printf: its decimal point is the host's
  const auto end = std::to_chars(digits, digits + sizeof digits, temperature).ptr;
  info.settings.emplace_back("temperature", std::string(digits, end));
}

StageInfo DescribeRelations(const RelationsConfig& config) {
  StageInfo info = DescribeStage(Stage::kRelations, config.encoder, &config.tokenizer);
  info.labels = config.labels;
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"layout", NameIn(kLayouts, config.layout)},
      {"markers", Markers(config)},
      {"pooling", NameIn(kPoolings, config.pooling)},
      {"combine", NameIn(kCombines, config.combine)},
      {"context_tokens", std::to_string(config.context_tokens)},
      {"scope", ScopeName(config)}};
  info.settings.insert(info.settings.end(), settings.begin(), settings.end());
  // Said only where it is not what most models have.
  const std::string head = HeadName(config);
  if (head != "mlp, tanh") info.settings.emplace_back("head", head);
  if (!config.separator) info.settings.emplace_back("separator", "none");
  AddTemperature(config.temperature, info);
  return info;
}

StageInfo DescribeEntities(const EntitiesConfig& config) {
  StageInfo info = DescribeStage(Stage::kEntities, config.encoder, &config.tokenizer);
  info.labels = config.labels;
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"head", NameIn(kTaggerHeads, config.head)},
      {"constrained", config.constrained ? "true" : "false"},
      {"scheme", NameIn(kLabelSchemes, config.scheme)},
      {"special_tokens_in_path", config.special_tokens_in_path ? "true" : "false"},
      {"subwords", NameIn(kSubwords, config.subwords)}};
  info.settings.insert(info.settings.end(), settings.begin(), settings.end());
  AddTemperature(config.temperature, info);
  return info;
}

constexpr char kSha256Key[] = "tensors_sha256";

// Empty when the file stores none.
std::string StoredSha256(const ModelFile& file) {
  const auto found = file.metadata().find(kSha256Key);
  if (found == file.metadata().end()) return {};
  const std::string& digest = found->second;
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw Error(ErrorCode::kInvalidModel,
                std::string(kSha256Key) + ": not 64 lower-case hexadecimal digits");
  }
  return digest;
}

}  // namespace

ModelInfo DescribeModel(const ModelConfig& config, const ModelFile& file) {
  ModelInfo info;
  info.name = config.name;
  info.version = config.version;
  info.license = config.license;
  info.description = config.description;
  info.sources = config.sources;
  info.normalization = config.normalization_name;
  info.sentences = config.sentences;
  info.schema = DescribeSchema(config.schema);
  if (config.entities) info.stages.push_back(DescribeEntities(*config.entities));
  if (config.relations) info.stages.push_back(DescribeRelations(*config.relations));
  if (config.encoder) {
    const auto& tokenizer = config.encoder->tokenizer;
    info.stages.push_back(
        DescribeStage(Stage::kEncoder, config.encoder->encoder, tokenizer ? &*tokenizer : nullptr));
  }
  for (const TensorEntry& tensor : file.tensors()) {
    info.tensors.push_back({tensor.name, std::string(DTypeName(tensor.dtype)), tensor.shape});
    info.parameters += tensor.bytes / ElementBytes(tensor.dtype);
  }
  info.file_bytes = file.size();
  info.tensors_sha256 = StoredSha256(file);
  return info;
}

void VerifyTensors(const ModelFile& file) {
  const std::string stored = StoredSha256(file);
  if (stored.empty()) {
    throw Error(ErrorCode::kInvalidModel, std::string(kSha256Key) +
                                              ": the file stores none, so its tensors cannot be "
                                              "verified; radie-convert writes it");
  }
  const std::string found = file.TensorsSha256();
  if (found != stored) {
    throw Error(ErrorCode::kInvalidModel, std::string(kSha256Key) + ": the tensors' is " + found +
                                              ", the file says " + stored +
                                              "; the file is damaged");
  }
}

}  // namespace radie::internal
