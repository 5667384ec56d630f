#include "libradie/model/stage_parts.h"

#include <optional>

#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

constexpr std::size_t kMaxLayers = 64;
constexpr std::size_t kMaxHidden = 8'192;
constexpr std::size_t kMaxHeads = 128;
constexpr std::size_t kMaxIntermediate = 65'536;
constexpr std::size_t kMaxPositions = 65'536;
constexpr std::size_t kMaxTokenTypes = 1'024;
constexpr std::size_t kMaxLabels = 1'024;
constexpr double kMinTemperature = 0.01, kMaxTemperature = 100;
constexpr double kMaxRopeTheta = 1e9;
// Positions times the size of a head: the angles' tables take 4 bytes of each and stand in no file,
// so that no tensor's size bounds them.
constexpr std::size_t kMaxRotaryTable = std::size_t{1} << 24;

std::optional<double> ParseRopeTheta(const JsonFields& fields, const EncoderConfig& encoder) {
  constexpr const char* kKey = "rope_theta";
  if (!fields.Has(kKey)) return std::nullopt;
  const double theta = fields.Number(kKey);
  if (!(theta > 1 && theta <= kMaxRopeTheta)) {
    fields.ThrowInvalid(kKey, "is not above 1 and at most 1e9");
  }
  const std::size_t size = encoder.HeadSize();
  if (size % 2 != 0) {
    fields.ThrowInvalid(kKey, "turns pairs, and hidden_size / num_attention_heads is " +
                                  std::to_string(size) + ", which is odd");
  }
  if (encoder.max_positions * size > kMaxRotaryTable) {
    throw Error(ErrorCode::kUnsupportedModel,
                fields.PathOf(kKey) + ": " + std::to_string(encoder.max_positions) +
                    " positions of heads of " + std::to_string(size) + ", at most " +
                    std::to_string(kMaxRotaryTable) + " numbers together");
  }
  return theta;
}

}  // namespace

void ThrowInvalid(const std::string& message) { throw Error(ErrorCode::kInvalidModel, message); }

void TokenSet::Require(const std::string& path, const std::string& token) const {
  if (tokens_.count(token) == 0) {
    ThrowInvalid(path + ": " + Quoted(token) + " is not in the vocabulary");
  }
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
  encoder.layer_norm_eps = ParseLayerNormEps(fields, "layer_norm_eps");
  encoder.rope_theta = ParseRopeTheta(fields, encoder);
  return encoder;
}

float ParseLayerNormEps(const JsonFields& fields, const std::string& key) {
  const double eps = fields.Number(key);
  const auto narrow = static_cast<float>(eps);
  if (!(narrow > 0 && eps < 1)) fields.ThrowInvalid(key, "is not between 0 and 1");
  return narrow;
}

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
  TokenSet tokens(vocabulary->second);
  tokens.Require(path + "unk_token", tokenizer.unk_token);
  tokens.Require(path + "cls_token", tokenizer.cls_token);
  tokens.Require(path + "sep_token", tokenizer.sep_token);
  return tokens;
}

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

double ParseTemperature(const JsonFields& stage) {
  if (!stage.Has("temperature")) return 1;
  const double temperature = stage.Number("temperature");
  if (!(temperature >= kMinTemperature && temperature <= kMaxTemperature)) {
    stage.ThrowInvalid("temperature", "is not between 0.01 and 100");
  }
  return temperature;
}

}  // namespace radie
