// The model's settings as values, parsed from metadata and checked against each other
// (docs/model-format.md).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libradie/base/activation.h"
#include "libradie/base/normalization_step.h"
#include "libradie/base/tokenizer_config.h"
#include "libradie/model/label_scheme.h"
#include "libradie/model/model_file.h"
#include "libradie/model/schema.h"

namespace radie {

struct EncoderConfig {
  std::size_t layers = 0, hidden_size = 0, attention_heads = 0, intermediate_size = 0;
  std::size_t vocab_size = 0, max_positions = 0, type_vocab_size = 0;
  std::size_t embedding_size = 0;  // hidden_size unless the file says otherwise (ELECTRA, RoFormer)
  Activation activation = Activation::kGeluErf;
  std::string activation_name;  // as in the file
  float layer_norm_eps = 1e-12f;
  // Queries and keys are turned by angles that this is the base of (nn/rotary_positions.h);
  // nothing: they are not turned. Where it is there, the size of a head is even.
  std::optional<double> rope_theta;

  std::size_t HeadSize() const { return hidden_size / attention_heads; }
};

// Parsed here, followed by tokenize/, which this room may not include.
struct TokenizerSettings : TokenizerConfig {
  std::string vocab_name;
};

struct EntitiesConfig {
  EncoderConfig encoder;
  TokenizerSettings tokenizer;
  std::vector<std::string> labels;
  enum class Head { kSoftmax, kCrf } head = Head::kCrf;
  bool constrained = true;
  double temperature = 1;  // scores are divided by it for confidences, not for decoding
  LabelScheme scheme = LabelScheme::kIob2;
  bool special_tokens_in_path = false;  // do [CLS] and [SEP] take part in the path?
  // Which tokens of a word the path runs over; kFirst and kLast label the whole word.
  enum class Subwords { kAll, kFirst, kLast } subwords = Subwords::kAll;
};

// The token that marks a mention's start or end: a pattern in which {type} is replaced by the name
// of the mention's type, or one token a type.
struct MarkerTokens {
  std::string pattern;
  std::map<std::string, std::string> by_type;  // where not empty, in place of the pattern

  // Nothing where the type has no token of its own.
  std::optional<std::string> For(const std::string& type) const;
};

struct RelationsConfig {
  EncoderConfig encoder;
  TokenizerSettings tokenizer;
  std::vector<std::string> labels;
  enum class Layout { kPair, kTail, kShared, kLevitated } layout = Layout::kPair;
  MarkerTokens head_start, head_end, tail_start, tail_end;  // not kShared
  bool separator = true;                                    // does a sequence end with [SEP]?
  // kSpan: all rows from a mention's start marker to its end marker; kMention: those between them.
  enum class Pooling { kCls, kStart, kEnd, kBoth, kSpan, kMention } pooling = Pooling::kBoth;
  enum class Combine { kMean, kConcat, kConcatProduct, kClsConcat } combine = Combine::kConcat;
  enum class Head { kMlp, kLinear, kRBert } head = Head::kMlp;
  Activation head_activation = Activation::kTanh;  // between the two layers of kMlp
  std::optional<float> head_layer_norm_eps;        // of kLinear's LayerNorm, where it has one
  std::size_t context_tokens = 0;
  enum class Scope { kReport, kSentence, kTokens } scope = Scope::kReport;
  std::size_t scope_limit = 0;  // for kTokens
  double temperature = 1;       // logits are divided by it for confidences

  // Size of the classifier's input: H, 2H or 3H.
  std::size_t PooledSize() const;

  // Is a mention's vector the mean of all rows from its first one to its last one?
  bool AveragesRows() const { return pooling == Pooling::kSpan || pooling == Pooling::kMention; }

  // Does every pair read [CLS] beside its mentions?
  bool ReadsCls() const { return pooling != Pooling::kCls && combine == Combine::kClsConcat; }
};

struct EncoderOnlyConfig {
  EncoderConfig encoder;
  std::optional<TokenizerSettings> tokenizer;
};

struct ModelConfig {
  std::string name, version, license, description;
  std::vector<std::string> sources;
  NormalizationSteps normalization;
  std::string normalization_name;  // for people
  std::string sentences;           // a name; text/ knows it
  Schema schema;                   // empty in an encoder-only file
  std::optional<EntitiesConfig> entities;
  std::optional<RelationsConfig> relations;
  std::optional<EncoderOnlyConfig> encoder;
  std::map<std::string, std::vector<std::string>> vocabularies;
  std::map<std::string, std::string> sentencepieces;  // bytes of SentencePiece models, by name
};

// Checked here: every field, labels against the schema, the vocabulary's size against vocab_size,
// special tokens and the markers that can arise against the vocabulary. Not here: the patterns of
// normalization and the name of sentences (text/ knows them), tensors (WeightSource). Throws
// Error(kInvalidModel), or Error(kUnsupportedModel) for a value or size this version does not take,
// naming the field.
ModelConfig ParseModelConfig(const ModelFile& file);

}  // namespace radie
