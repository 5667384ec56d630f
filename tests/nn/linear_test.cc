#include "libradie/nn/linear.h"

#include <gtest/gtest.h>

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

INSTANTIATE_TEST_SUITE_P(Kernels, LinearLayer, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

}  // namespace
}  // namespace radie
