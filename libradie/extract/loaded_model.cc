#include "libradie/extract/loaded_model.h"

#include <algorithm>
#include <utility>

#include "radie/error.h"

namespace radie::internal {
namespace {

std::optional<DType> DTypeOf(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
      return std::nullopt;
    case Precision::kFloat32:
      return DType::kF32;
    case Precision::kFloat16:
      return DType::kF16;
    case Precision::kBfloat16:
      return DType::kBF16;
    case Precision::kInt8:
      return DType::kI8;
  }
  throw Error(ErrorCode::kInvalidArgument, "LoadOptions.precision: no such precision");
}

// One Vocab a name, shared by the stages that use it.
class Vocabularies {
 public:
  Vocabularies(const ModelConfig& config, const LoadOptions& options)
      : config_(config), options_(options) {}

  std::unique_ptr<const Tokenizer> MakeTokenizerOf(const TokenizerSettings& settings) {
    // NOLINTNEXTLINE(cppcoreguidelines-slicing): all of it but the vocabulary's name
    TokenizerConfig config = settings;
    config.dictionary_path = options_.mecab_dictionary;
    config.user_dictionary = options_.mecab_user_dictionary;
    const auto sentencepiece = config_.sentencepieces.find(settings.vocab_name);
    if (sentencepiece != config_.sentencepieces.end()) {
      config.sentencepiece_model = sentencepiece->second;
    }
    return MakeTokenizer(config, Get(settings.vocab_name));
  }

 private:
  std::shared_ptr<const Vocab> Get(const std::string& name) {
    std::shared_ptr<const Vocab>& vocab = made_[name];
    if (vocab == nullptr) {
      auto found = config_.vocabularies.find(name);
      if (found == config_.vocabularies.end()) {
        throw Error(ErrorCode::kInvalidModel, "tokenizer.vocab: no metadata key vocab." + name);
      }
      vocab = std::make_shared<const Vocab>(found->second);
    }
    return vocab;
  }

  const ModelConfig& config_;
  const LoadOptions& options_;
  std::map<std::string, std::shared_ptr<const Vocab>> made_;
};

std::vector<MarkerIds> FindMarkers(const RelationsConfig& config, const Schema& schema,
                                   const Vocab& vocab) {
  // The configuration has been checked: a marker that the vocabulary lacks never arises.
  auto find = [&](const MarkerTokens& marker, const EntityType& type) {
    const std::optional<std::string> token = marker.For(type.name);
    return token ? vocab.Find(*token).value_or(-1) : -1;
  };
  std::vector<MarkerIds> markers;
  if (config.layout == RelationsConfig::Layout::kShared) return markers;
  for (const EntityType& type : schema.entity_types) {
    markers.push_back({find(config.head_start, type), find(config.head_end, type),
                       find(config.tail_start, type), find(config.tail_end, type)});
  }
  return markers;
}

std::vector<std::vector<bool>> AllowedLabels(const std::vector<std::string>& labels,
                                             const Schema& schema) {
  const std::size_t types = schema.entity_types.size();
  std::vector<std::vector<bool>> allowed(types * types, std::vector<bool>(labels.size(), false));
  for (std::size_t label = 0; label < labels.size(); ++label) {
    auto relation = std::find_if(schema.relation_types.begin(), schema.relation_types.end(),
                                 [&](const RelationType& r) { return r.name == labels[label]; });
    for (std::size_t pair = 0; pair < allowed.size(); ++pair) {
      // The label that names no relation is `none`, which every pair may have.
      allowed[pair][label] =
          relation == schema.relation_types.end() ||
          schema.Allows(static_cast<std::size_t>(relation - schema.relation_types.begin()),
                        pair / types, pair % types);
    }
  }
  return allowed;
}

EntityStage MakeEntityStage(const ModelConfig& config, Vocabularies& vocabularies,
                            WeightSource& weights, const Arithmetic& arithmetic) {
  const EntitiesConfig& settings = *config.entities;
  std::unique_ptr<const Tokenizer> tokenizer = vocabularies.MakeTokenizerOf(settings.tokenizer);
  TagPath path(settings, tokenizer->vocab());
  return {std::move(tokenizer), BertEncoder(weights, "entities.", settings.encoder, arithmetic),
          TokenTagger(weights, "entities.", settings, config.schema, arithmetic.kernels),
          std::move(path)};
}

RelationStage MakeRelationStage(const ModelConfig& config, Vocabularies& vocabularies,
                                WeightSource& weights, const Arithmetic& arithmetic) {
  const RelationsConfig& settings = *config.relations;
  std::unique_ptr<const Tokenizer> tokenizer = vocabularies.MakeTokenizerOf(settings.tokenizer);
  std::vector<MarkerIds> markers = FindMarkers(settings, config.schema, tokenizer->vocab());
  auto none = std::find(settings.labels.begin(), settings.labels.end(), "none");
  return {std::move(tokenizer),
          BertEncoder(weights, "relations.", settings.encoder, arithmetic),
          RelationClassifier(weights, "relations.", settings, arithmetic.kernels),
          std::move(markers),
          config.schema.entity_types.size(),
          static_cast<std::size_t>(none - settings.labels.begin()),
          AllowedLabels(settings.labels, config.schema)};
}

}  // namespace

void RequireThreads(const LoadOptions& options) {
  if (options.threads <= ThreadPool::kMaxThreads) return;
  throw Error(ErrorCode::kInvalidArgument, "LoadOptions.threads: more than 1024");
}

std::string PrecisionNameOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return PrecisionName(Precision::kFloat32);
    case DType::kF16:
      return PrecisionName(Precision::kFloat16);
    case DType::kBF16:
      return PrecisionName(Precision::kBfloat16);
    case DType::kI8:
      return PrecisionName(Precision::kInt8);
  }
  return "?";
}

const BertEncoder* LoadedModel::EncoderOf(Stage stage) const {
  switch (stage) {
    case Stage::kEntities:
      return entities ? &entities->encoder : nullptr;
    case Stage::kRelations:
      return relations ? &relations->encoder : nullptr;
    case Stage::kEncoder:
      return encoder ? &*encoder : nullptr;
  }
  return nullptr;
}

const Tokenizer* LoadedModel::TokenizerOf(Stage stage) const {
  switch (stage) {
    case Stage::kEntities:
      return entities ? entities->tokenizer.get() : nullptr;
    case Stage::kRelations:
      return relations ? relations->tokenizer.get() : nullptr;
    case Stage::kEncoder:
      return encoder_tokenizer.get();
  }
  return nullptr;
}

std::unique_ptr<const LoadedModel> LoadModel(const ModelFile& file, WeightSource& weights,
                                             const kernels::KernelSet& kernels,
                                             const LoadOptions& options) {
  const Arithmetic arithmetic(kernels, DTypeOf(options.precision));
  auto model = std::make_unique<LoadedModel>();
  if (weights.packed() != nullptr) model->memory = file.memory();
  model->config = ParseModelConfig(file);
  const ModelConfig& config = model->config;

  std::optional<SentenceRules> sentences = SentenceRulesFromName(config.sentences);
  if (!sentences) throw Error(ErrorCode::kUnsupportedModel, "text.sentences: unknown rules");
  model->normalization = Normalization(config.normalization);
  model->sentences = *sentences;

  Vocabularies vocabularies(config, options);
  if (config.entities) {
    model->entities.emplace(MakeEntityStage(config, vocabularies, weights, arithmetic));
  }
  if (config.relations) {
    model->relations.emplace(MakeRelationStage(config, vocabularies, weights, arithmetic));
  }
  if (config.encoder) {
    model->encoder.emplace(weights, "encoder.", config.encoder->encoder, arithmetic);
    if (config.encoder->tokenizer) {
      model->encoder_tokenizer = vocabularies.MakeTokenizerOf(*config.encoder->tokenizer);
    }
  }
  weights.RequireAllUsed();
  model->info = DescribeModel(config, file);
  model->info.isa = kernels.name();
  if (const PackedForm* packed = weights.packed()) {
    model->info.packed = DescribePackedForm(*packed);
    model->info.parameters = packed->parameters;
  }
  for (StageInfo& stage : model->info.stages) {
    stage.precision = PrecisionNameOf(model->EncoderOf(stage.stage)->precision());
  }
  model->config.vocabularies.clear();  // the tokenizers have their own
  model->config.sentencepieces.clear();
  return model;
}

}  // namespace radie::internal
