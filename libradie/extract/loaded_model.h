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
#include "libradie/model/packed_form.h"
#include "libradie/model/weights.h"
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
  // Of a packed file, which the stages read where it is: so it goes last, and is first here.
  std::shared_ptr<const void> memory;

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

// Throws Error(kInvalidArgument) for more threads than there may be.
void RequireThreads(const LoadOptions& options);

// `weights` are those of `file`; a kernel set for them is what ChooseKernels gave. Throws Error
// (kInvalidModel, kUnsupportedModel, kInvalidArgument).
std::unique_ptr<const LoadedModel> LoadModel(const ModelFile& file, WeightSource& weights,
                                             const kernels::KernelSet& kernels,
                                             const LoadOptions& options);

// The kernel set that `options` ask for; of a packed file one that reads it. Throws Error
// (kInvalidArgument for one that is not there or does not read the file or its precision,
// kUnsupportedModel where none that is there reads it).
const kernels::KernelSet& ChooseKernels(const PackedForm* packed, const LoadOptions& options);

// The public name of products in this type.
std::string PrecisionNameOf(DType dtype);

// "fp16 (F16 in panels of 32), for kernel sets avx512, amx": for people.
std::string DescribePackedForm(const PackedForm& packed);

// What Model::info() tells, from the parsed configuration and the file's tensors.
// All but the kernel set, the precisions, and what it is packed for.
ModelInfo DescribeModel(const ModelConfig& config, const ModelFile& file);

// Throws Error(kInvalidModel) when the tensors are not those of the digest that the file stores,
// or it stores none.
void VerifyTensors(const ModelFile& file);

}  // namespace radie::internal
