// A stage's encoder.
#include <gtest/gtest.h>

#include "libradie/model/config.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::Json;
using testing::WholeMetadata;

ModelConfig ParseWith(const Json& encoder) {
  Json metadata = WholeMetadata();
  metadata["entities"]["encoder"].update(encoder);
  return ParseModelConfig(testing::FromBytes(testing::MetadataFile(metadata)));
}

EncoderConfig ParseEncoder(const Json& encoder) { return ParseWith(encoder).entities->encoder; }

void ExpectEncoderRefused(const Json& encoder, const std::string& message,
                          ErrorCode code = ErrorCode::kInvalidModel) {
  const Refusal refusal = RefusalOf([&] { ParseWith(encoder); });
  EXPECT_EQ(refusal.code, code) << message;
  EXPECT_NE(refusal.message.find("entities.encoder." + message), std::string::npos)
      << refusal.message << " | " << message;
}

void ExpectEncoderUnsupported(const Json& encoder, const std::string& message) {
  ExpectEncoderRefused(encoder, message, ErrorCode::kUnsupportedModel);
}

TEST(EncoderConfig, EmbeddingsMayHaveASizeOfTheirOwn) {
  EXPECT_EQ(ParseEncoder(Json::object()).embedding_size, 4u);
  EXPECT_EQ(ParseEncoder({{"embedding_size", 3}}).embedding_size, 3u);
  EXPECT_EQ(ParseWith({{"embedding_size", 3}}).relations->encoder.embedding_size, 4u);
  ExpectEncoderRefused({{"embedding_size", 0}}, "embedding_size");
  ExpectEncoderRefused({{"embedding_size", "4"}}, "embedding_size");
  ExpectEncoderUnsupported({{"embedding_size", 8'193}}, "embedding_size");
}

TEST(EncoderConfig, PositionsMayBeRotary) {
  EXPECT_FALSE(ParseEncoder(Json::object()).rope_theta);
  for (const Json& theta : {Json(10'000), Json(1.5), Json(1e9)}) {
    EXPECT_EQ(ParseEncoder({{"rope_theta", theta}}).rope_theta, theta.get<double>());
    EXPECT_FALSE(ParseWith({{"rope_theta", theta}}).relations->encoder.rope_theta);
  }
  for (const Json& bad :
       {Json(1), Json(0.5), Json(-10'000), Json(1.1e9), Json("10000"), Json(), Json(true)}) {
    ExpectEncoderRefused({{"rope_theta", bad}}, "rope_theta");
  }
}

TEST(EncoderConfig, RotaryPositionsTurnPairs) {
  const Json rotary = {{"rope_theta", 10'000}, {"num_attention_heads", 4}};  // of size 1
  ExpectEncoderRefused(
      rotary, "rope_theta: turns pairs, and hidden_size / num_attention_heads is 1, which is odd");
  // Their tables are no tensors: a small file must not ask for many bytes.
  Json large = {{"rope_theta", 10'000}, {"num_attention_heads", 1}, {"hidden_size", 512}};
  large["max_position_embeddings"] = 32'768;
  EXPECT_EQ(ParseEncoder(large).HeadSize(), 512u);
  large["max_position_embeddings"] = 32'769;
  ExpectEncoderUnsupported(large, "rope_theta: 32769 positions");
}

TEST(EncoderConfig, ImpossibleOnesAreRefused) {
  ExpectEncoderRefused({{"num_attention_heads", 3}},
                       "hidden_size: is 4, no multiple of num_attention_heads 3");
  ExpectEncoderRefused({{"hidden_size", 0}}, "hidden_size: is 0, at least 1");
  ExpectEncoderRefused({{"hidden_size", -4}}, "hidden_size: is no whole number");
  ExpectEncoderRefused({{"hidden_size", 4.5}}, "hidden_size: is no whole number");
  ExpectEncoderRefused({{"hidden_size", "4"}}, "hidden_size: is no whole number");
  ExpectEncoderRefused({{"max_position_embeddings", 2}},
                       "max_position_embeddings: is 2, at least 3");
  ExpectEncoderRefused({{"layer_norm_eps", 0}}, "layer_norm_eps");
  ExpectEncoderRefused({{"layer_norm_eps", 1e-60}}, "layer_norm_eps");
  ExpectEncoderRefused({{"layer_norm_eps", 1.5}}, "layer_norm_eps");
  ExpectEncoderUnsupported({{"hidden_act", "swish"}}, "hidden_act: \"swish\" is not known");
  ExpectEncoderUnsupported({{"num_hidden_layers", 65}}, "num_hidden_layers: is 65, at most 64");
  ExpectEncoderUnsupported({{"hidden_size", 8'193}}, "hidden_size: is 8193, at most 8192");
  ExpectEncoderUnsupported({{"num_attention_heads", 129}},
                           "num_attention_heads: is 129, at most 128");
  ExpectEncoderUnsupported({{"intermediate_size", 65'537}},
                           "intermediate_size: is 65537, at most 65536");
  ExpectEncoderUnsupported({{"vocab_size", 1'000'001}}, "vocab_size: is 1000001, at most 1000000");
  ExpectEncoderUnsupported({{"max_position_embeddings", 65'537}},
                           "max_position_embeddings: is 65537, at most 65536");
  ExpectEncoderUnsupported({{"type_vocab_size", std::uint64_t{1} << 63}},
                           "type_vocab_size: is 9223372036854775808, at most 1024");
}

TEST(EncoderConfig, KnowsTheActivations) {
  for (auto [name, activation] : {std::pair{"gelu", Activation::kGeluErf},
                                  {"gelu_new", Activation::kGeluTanh},
                                  {"gelu_pytorch_tanh", Activation::kGeluTanh},
                                  {"relu", Activation::kRelu}}) {
    EXPECT_EQ(ParseEncoder({{"hidden_act", name}}).activation, activation) << name;
  }
}

}  // namespace
}  // namespace radie
