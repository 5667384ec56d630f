// How far the shorter types are from fp32 after twelve layers of random weights.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/nn/golden_encoder.h"

namespace radie {
namespace {

EncoderConfig TwelveLayers() {
  EncoderConfig config;
  config.layers = 12, config.hidden_size = 128, config.attention_heads = 2;
  config.intermediate_size = 512, config.vocab_size = 500, config.max_positions = 256;
  config.type_vocab_size = 2, config.embedding_size = 128;
  return config;
}

// Weights of the spread that BERT-base begins with, scaled to this width.
class RandomWeights {
 public:
  explicit RandomWeights(const EncoderConfig& config) {
    const std::size_t h = config.hidden_size, inner = config.intermediate_size;
    Table("bert.embeddings.word_embeddings.weight", config.vocab_size, h);
    Table("bert.embeddings.position_embeddings.weight", config.max_positions, h);
    Table("bert.embeddings.token_type_embeddings.weight", config.type_vocab_size, h);
    Norm("bert.embeddings.LayerNorm", h);
    for (std::size_t n = 0; n < config.layers; ++n) {
      const std::string layer = "bert.encoder.layer." + std::to_string(n) + ".";
      for (const char* part : {"query", "key", "value"}) {
        Linear(layer + "attention.self." + part, h, h);
      }
      Linear(layer + "attention.output.dense", h, h);
      Norm(layer + "attention.output.LayerNorm", h);
      Linear(layer + "intermediate.dense", inner, h);
      Linear(layer + "output.dense", h, inner);
      Norm(layer + "output.LayerNorm", h);
    }
  }

  ModelFile Build() const { return file_.Build(); }

 private:
  std::vector<float> Draw(std::size_t count, float spread) {
    std::normal_distribution<float> draw(0.0f, spread);
    std::vector<float> values(count);
    for (float& value : values) value = draw(random_);
    return values;
  }
  void Table(const std::string& name, std::size_t rows, std::size_t cols) {
    file_.Add(name, {rows, cols}, Draw(rows * cols, 1.0f));
  }
  void Linear(const std::string& scope, std::size_t outputs, std::size_t inputs) {
    const float spread = 0.554f / std::sqrt(static_cast<float>(inputs));
    file_.Add(scope + ".weight", {outputs, inputs}, Draw(outputs * inputs, spread));
    file_.Add(scope + ".bias", {outputs}, Draw(outputs, 0.02f));
  }
  void Norm(const std::string& scope, std::size_t size) {
    file_.Add(scope + ".weight", {size}, std::vector<float>(size, 1.0f));
    file_.Add(scope + ".bias", {size}, std::vector<float>(size, 0.0f));
  }

  std::mt19937 random_{3};
  SafetensorsBuilder file_;
};

RaggedBatch Sentences(std::size_t vocabulary) {
  std::mt19937 random(5);
  RaggedBatch batch;
  for (const std::size_t length : {1, 7, 33, 120, 256}) {
    std::vector<std::int32_t> ids(length);
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % vocabulary);
    batch.Add(ids);
  }
  return batch;
}

double RelativeRms(ConstMatrixView states, ConstMatrixView expected) {
  double error = 0, size = 0;
  for (std::size_t r = 0; r < expected.rows; ++r) {
    for (std::size_t c = 0; c < expected.cols; ++c) {
      const double right = expected.row(r)[c];
      error += (states.row(r)[c] - right) * (states.row(r)[c] - right);
      size += right * right;
    }
  }
  return std::sqrt(error / size);
}

class Precision : public testing::TestWithParam<const kernels::KernelSet*> {};

TEST_P(Precision, ErrorAfterTwelveLayersIsBounded) {
  const EncoderConfig config = TwelveLayers();
  const ModelFile file = RandomWeights(config).Build();
  const RaggedBatch batch = Sentences(config.vocab_size);
  ThreadPool pool(1);
  const auto encode = [&](const kernels::KernelSet& set, DType dtype) {
    WeightSource weights(file);
    return Encode(BertEncoder(weights, "", config, Arithmetic(set, dtype)), batch, pool);
  };
  const Tensor expected = encode(*kernels::FindKernelSet("portable"), DType::kF32);
  const std::string name(GetParam()->name());
  const bool seven_bits = name == "avx2" || name == "avx512";  // activations of int8
  const auto limit = [&](DType dtype) {
    switch (dtype) {
      case DType::kF32:
        return 1e-5;
      case DType::kF16:
        return 0.0015;
      case DType::kBF16:
        return 0.012;
      case DType::kI8:
        return seven_bits ? 0.07 : 0.055;
    }
    return 0.0;
  };
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kI8}) {
    if (!GetParam()->Supports(dtype, config.intermediate_size)) continue;
    const double error = RelativeRms(encode(*GetParam(), dtype).view(), expected.view());
    RecordProperty(std::string(DTypeName(dtype)), std::to_string(error));
    EXPECT_LT(error, limit(dtype)) << DTypeName(dtype);
    if (dtype != DType::kF32) {
      EXPECT_GT(error, 1e-5) << DTypeName(dtype) << " computes in fp32";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Precision, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

}  // namespace
}  // namespace radie
