#include "libradie/nn/linear.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "libradie/nn/tensor.h"
#include "radie/error.h"
#include "tests/nn/golden_encoder.h"

namespace radie {
namespace {

std::vector<float> Draw(std::mt19937& random, std::size_t count) {
  std::normal_distribution<float> draw;
  std::vector<float> values(count);
  for (float& v : values) v = draw(random);
  return values;
}

class LinearLayer : public testing::TestWithParam<const kernels::KernelSet*> {};

TEST_P(LinearLayer, ARowsBitsDependOnThatRowAlone) {
  std::mt19937 random(1);
  SafetensorsBuilder builder;
  builder.Add("s.classifier.weight", {9, 50}, Draw(random, 9 * 50));
  builder.Add("s.classifier.bias", {9}, Draw(random, 9));
  const ModelFile file = builder.Build();
  WeightSource weights(file);
  const Linear linear(weights, "s.classifier", 9, 50, *GetParam());
  Tensor x(40, 50), all(40, 9), one(1, 9);
  std::normal_distribution<float> draw;
  for (std::size_t i = 0; i < 40 * 50; ++i) x.view().data[i] = draw(random);
  linear.Forward(x.view(), Activation::kTanh, all.view());
  for (std::size_t r = 0; r < 40; ++r) {
    linear.Forward(x.view().Rows(r, r + 1), Activation::kTanh, one.view());
    EXPECT_EQ(std::memcmp(one.view().data, all.view().row(r), 9 * sizeof(float)), 0) << r;
  }
}

TEST_P(LinearLayer, NamesTheTensorThatIsMissingOrMisshapen) {
  SafetensorsBuilder builder;
  builder.Add("a.weight", {2, 3}, std::vector<float>(6));
  builder.Add("a.bias", {2}, std::vector<float>(2));
  const ModelFile file = builder.Build();
  WeightSource weights(file);
  const auto message = [&](const std::string& scope, std::size_t outputs, std::size_t inputs) {
    try {
      Linear(weights, scope, outputs, inputs, *GetParam());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("a", 2, 3), "");
  EXPECT_NE(message("a", 3, 3).find("a.weight"), std::string::npos);
  EXPECT_NE(message("b", 2, 3).find("b.weight"), std::string::npos);
}

// A layer of 1 × 32 whose element 5 is the largest half, or one step of its own type beyond.
ModelFile OfHalfsLargest(const std::string& stored, bool beyond) {
  SafetensorsBuilder builder;
  if (stored == "F32") {
    std::vector<float> values(32, 1.0f);
    values[5] = beyond ? -65536.0f : -65504.0f;
    builder.Add("a.weight", {1, 32}, values);
  } else if (stored == "BF16") {
    std::vector<std::uint16_t> values(32, 0x3f80);
    values[5] = beyond ? 0xc780 : 0xc77f;  // -65536, -65280
    builder.AddAs(stored, "a.weight", {1, 32}, values);
  } else {
    std::vector<std::int8_t> values(32, 1);
    values[5] = -127;
    builder.AddAs(stored, "a.weight", {1, 32}, values);
    builder.Add("a.weight_scale", {1}, {beyond ? 516.0f : 515.0f});  // × 127: 65532, 65405
  }
  builder.Add("a.bias", {1}, {0.0f});
  return builder.Build();
}

TEST_P(LinearLayer, RefusesHalfPrecisionForWeightsThatExceedIt) {
  if (!GetParam()->Supports(DType::kF16, 32)) GTEST_SKIP() << "no products in fp16";
  for (const std::string stored : {"F32", "BF16", "I8"}) {
    for (const bool beyond : {false, true}) {
      const ModelFile file = OfHalfsLargest(stored, beyond);
      WeightSource weights(file);
      std::string message;
      try {
        Linear(weights, "a", 1, 32, Arithmetic(*GetParam(), DType::kF16));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
        message = error.what();
      }
      EXPECT_EQ(message.find("element 5 of tensor \"a.weight\"") != std::string::npos, beyond)
          << stored << ": " << message;
      EXPECT_EQ(message.empty(), !beyond) << stored << ": " << message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, LinearLayer, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

}  // namespace
}  // namespace radie
