// How far the shorter types are from fp32 after twelve layers of random weights.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/nn/golden_encoder.h"
#include "tests/nn/random_encoder.h"

namespace radie {
namespace {

EncoderConfig TwelveLayers() {
  EncoderConfig config;
  config.layers = 12, config.hidden_size = 128, config.attention_heads = 2;
  config.intermediate_size = 512, config.vocab_size = 500, config.max_positions = 256;
  config.type_vocab_size = 2, config.embedding_size = 128;
  return config;
}

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

class Precision : public testing::TestWithParam<const kernels::KernelSet*> {};

TEST_P(Precision, ErrorAfterTwelveLayersIsBounded) {
  const EncoderConfig config = TwelveLayers();
  const ModelFile file = RandomWeights(config, 0.554f).Build();
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
