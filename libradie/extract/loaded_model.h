// What Model holds: the parts of both stages, built once and immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "libradie/extract/tag_rows.h"
#include "libradie/heads/relation_classifier.h"
#include "libradie/heads/token_tagger.h"
#include "libradie/model/config.h"
#include "libradie/model/model_file.h"
#include "libradie/nn/bert_encoder.h"
#include "libradie/text/normalization.h"
#include "libradie/text/sentences.h"
#include "libradie/tokenize/tokenizer.h"
#include "radie/model.h"
#include "radie/options.h"

namespace radie::internal {

struct EntityStage {
  std::unique_ptr<const Tokenizer> tokenizer;
  BertEncoder encoder;
  TokenTagger tagger;
  TagPath path;
};

// Token ids of one entity type's markers.
struct MarkerIds {
  std::int32_t head_start, head_end, tail_start, tail_end;
};

struct RelationStage {
  std::unique_ptr<const Tokenizer> tokenizer;
  BertEncoder encoder;
  RelationClassifier classifier;
  std::vector<MarkerIds> markers;  // by entity type; none with layout `shared`
  std::size_t entity_types;
  std::size_t none_label;

  // allowed[head type * types + tail type][label]. A pair that is no candidate allows only `none`.
  std::vector<std::vector<bool>> allowed;
};

struct LoadedModel {
  ModelInfo info;
  ModelConfig config;
  Normalization normalization;
  SentenceRules sentences = SentenceRules::kNone;
  std::optional<EntityStage> entities;
  std::optional<RelationStage> relations;
  std::optional<BertEncoder> encoder;                  // of an encoder-only file
  std::unique_ptr<const Tokenizer> encoder_tokenizer;  // null when that has none

  // nullptr when the model has no such stage.
  const BertEncoder* EncoderOf(Stage stage) const;
  const Tokenizer* TokenizerOf(Stage stage) const;
};

// Throws Error (kInvalidModel, kUnsupportedModel, kInvalidArgument for an ISA that is not there).
std::unique_ptr<const LoadedModel> LoadModel(const ModelFile& file, const LoadOptions& options);

// What Model::info() tells, from the parsed configuration and the file's tensors.
// All but the kernel set and the precisions.
ModelInfo DescribeModel(const ModelConfig& config, const ModelFile& file);

// Throws Error(kInvalidModel) when the tensors are not those of the digest that the file stores,
// or it stores none.
void VerifyTensors(const ModelFile& file);

}  // namespace radie::internal
