// Every head against its definition, added up in double, on every kernel set and at odd sizes.
#include "libradie/heads/relation_head.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "every_path.h"
#include "libradie/heads/relation_classifier.h"
#include "radie/error.h"

namespace radie {
namespace {

using Head = RelationsConfig::Head;
using Vector = std::vector<double>;

// A model file of random tensors alone.
class RandomTensors {
 public:
  void Add(const std::string& name, std::size_t rows, std::size_t cols) {
    nlohmann::ordered_json shape = {rows};
    if (cols > 0) shape.push_back(cols);
    const std::vector<float> values =
        testing::RandomFloats(random_, rows * std::max<std::size_t>(cols, 1), 0.4f);
    const std::size_t begin = buffer_.size();
    buffer_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    header_[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, buffer_.size()}}};
    values_[name] = values;
  }
  void AddLinear(const std::string& name, std::size_t outputs, std::size_t inputs) {
    Add(name + ".weight", outputs, inputs);
    Add(name + ".bias", outputs, 0);
  }

  ModelFile File() {
    const std::string header = header_.dump();
    bytes_.clear();
    for (int i = 0; i < 8; ++i) {
      bytes_ += static_cast<char>(std::uint64_t{header.size()} >> (8 * i));
    }
    bytes_ += header + buffer_;
    return ModelFile::FromMemory(bytes_.data(), bytes_.size());
  }

  Vector Linear(const std::string& name, const Vector& x) const {
    const std::vector<float>&weight = values_.at(name + ".weight"),
          &bias = values_.at(name + ".bias");
    Vector y(bias.begin(), bias.end());
    for (std::size_t o = 0; o < y.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += double(weight[o * x.size() + i]) * x[i];
    }
    return y;
  }
  const std::vector<float>& operator[](const std::string& name) const { return values_.at(name); }

 private:
  std::mt19937 random_{17};
  nlohmann::ordered_json header_;
  std::string buffer_, bytes_;
  std::map<std::string, std::vector<float>> values_;
};

Vector Map(Vector x, double (*function)(double)) {
  for (double& value : x) value = function(value);
  return x;
}

Vector Join(Vector a, const Vector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Vector Part(const Vector& x, std::size_t n, std::size_t of) {
  const std::size_t size = x.size() / of;
  return {x.begin() + n * size, x.begin() + (n + 1) * size};
}

Vector Normal(const RandomTensors& tensors, const Vector& x, double eps) {
  double mean = 0, variance = 0;
  for (double value : x) mean += value / double(x.size());
  for (double value : x) variance += (value - mean) * (value - mean) / double(x.size());
  Vector y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = (x[i] - mean) / std::sqrt(variance + eps) *
               double(tensors["r.classifier.layer_norm.weight"][i]) +
           double(tensors["r.classifier.layer_norm.bias"][i]);
  }
  return y;
}

double Tanh(double x) { return std::tanh(x); }
double Relu(double x) { return std::max(x, 0.0); }
double Gelu(double x) { return x * (1 + std::erf(x / std::sqrt(2.0))) / 2; }

class RelationHeadTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  RelationHeadTest() {
    config_.encoder.hidden_size = 13;
    config_.labels = {"none", "a", "b", "c", "d"};
  }

  std::unique_ptr<const RelationHead> Make() {
    const ModelFile file = tensors_.File();
    WeightSource weights(file);
    auto head = MakeRelationHead(weights, "r.", config_, *GetParam());
    weights.RequireAllUsed();
    return head;
  }

  // Seven pairs at once, and each by itself with the same bits.
  void Check(const std::function<Vector(const Vector&)>& wanted) {
    const auto head = Make();
    const std::size_t pairs = 7, size = config_.PooledSize(), labels = config_.labels.size();
    std::mt19937 random(3);
    const std::vector<float> pooled = testing::RandomFloats(random, pairs * size, 1);
    Tensor logits(pairs, labels), one(1, labels);
    head->Forward({pooled.data(), pairs, size, size}, logits.view());
    for (std::size_t p = 0; p < pairs; ++p) {
      const float* row = pooled.data() + p * size;
      const Vector expected = wanted(Vector(row, row + size));
      ASSERT_EQ(expected.size(), labels);
      head->Forward({row, 1, size, size}, one.view());
      for (std::size_t l = 0; l < labels; ++l) {
        EXPECT_NEAR(logits.view().row(p)[l], expected[l], 2e-5) << p << " " << l;
        EXPECT_EQ(logits.view().row(p)[l], one.view().row(0)[l]);
      }
    }
  }

  RandomTensors tensors_;
  RelationsConfig config_;
};

TEST_P(RelationHeadTest, MlpWithEachActivation) {
  config_.combine = RelationsConfig::Combine::kConcatProduct;
  tensors_.AddLinear("r.classifier.dense", 9, 39);
  tensors_.AddLinear("r.classifier.out_proj", 5, 9);
  for (const auto& [activation, function] : {std::pair{Activation::kTanh, &Tanh},
                                             {Activation::kGeluErf, &Gelu},
                                             {Activation::kRelu, &Relu}}) {
    config_.head_activation = activation;
    Check([&, f = function](const Vector& x) {
      return tensors_.Linear("r.classifier.out_proj",
                             Map(tensors_.Linear("r.classifier.dense", x), f));
    });
  }
}

TEST_P(RelationHeadTest, LinearAlone) {
  config_.head = Head::kLinear;
  tensors_.AddLinear("r.classifier.out_proj", 5, 26);
  Check([&](const Vector& x) { return tensors_.Linear("r.classifier.out_proj", x); });
}

TEST_P(RelationHeadTest, LinearAfterLayerNorm) {
  config_.head = Head::kLinear;
  config_.head_layer_norm_eps = 1e-2f;
  tensors_.AddLinear("r.classifier.out_proj", 5, 26);
  tensors_.AddLinear("r.classifier.layer_norm", 26, 0);
  Check([&](const Vector& x) {
    return tensors_.Linear("r.classifier.out_proj", Normal(tensors_, x, 1e-2));
  });
}

TEST_P(RelationHeadTest, RBert) {
  config_.head = Head::kRBert;
  config_.combine = RelationsConfig::Combine::kClsConcat;
  tensors_.AddLinear("r.classifier.cls", 11, 13);
  tensors_.AddLinear("r.classifier.entity", 6, 13);
  tensors_.AddLinear("r.classifier.out_proj", 5, 23);
  Check([&](const Vector& x) {
    const Vector y = Map(x, &Tanh);
    return tensors_.Linear("r.classifier.out_proj",
                           Join(Join(tensors_.Linear("r.classifier.cls", Part(y, 0, 3)),
                                     tensors_.Linear("r.classifier.entity", Part(y, 1, 3))),
                                tensors_.Linear("r.classifier.entity", Part(y, 2, 3))));
  });
}

INSTANTIATE_TEST_SUITE_P(Kernels, RelationHeadTest,
                         ::testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

TEST(RelationHead, RefusesTensorsThatDoNotFitEachOther) {
  RelationsConfig config;
  config.encoder.hidden_size = 4;
  config.labels = {"none", "a"};
  config.head = Head::kRBert;
  config.combine = RelationsConfig::Combine::kClsConcat;
  const auto refused = [&](std::size_t entity_inputs, std::size_t out_inputs) {
    RandomTensors tensors;
    tensors.AddLinear("classifier.cls", 3, 4);
    tensors.AddLinear("classifier.entity", 2, entity_inputs);
    tensors.AddLinear("classifier.out_proj", 2, out_inputs);
    const ModelFile file = tensors.File();
    WeightSource weights(file);
    try {
      MakeRelationHead(weights, "", config, *kernels::FindKernelSet("portable"));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refused(4, 7), "");
  EXPECT_NE(refused(5, 7).find("classifier.entity.weight"), std::string::npos);
  EXPECT_NE(refused(4, 8).find("classifier.out_proj.weight"), std::string::npos);
}

// Five states of which pairs read stretches, and [CLS] beside them.
TEST(RelationHead, PoolsStretchesAndCls) {
  RelationsConfig config;
  config.encoder.hidden_size = 3;
  config.labels = {"none", "a"};
  config.head = Head::kLinear;
  config.pooling = RelationsConfig::Pooling::kSpan;
  config.combine = RelationsConfig::Combine::kClsConcat;
  RandomTensors tensors;
  tensors.AddLinear("classifier.out_proj", 2, 9);
  const ModelFile file = tensors.File();
  WeightSource weights(file);
  const RelationClassifier classifier(weights, "", config, *kernels::FindKernelSet("portable"));
  std::mt19937 random(5);
  const std::vector<float> states = testing::RandomFloats(random, 15, 1);
  const std::vector<PairRows> pairs = {{{1, 4}, {2, 2}}, {{3, 4}, {1, 3}}};
  const Tensor pooled = classifier.Pool({states.data(), 5, 3, 3}, pairs);
  ASSERT_EQ(pooled.cols(), 9u);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto mean = [&](const std::array<std::size_t, 2>& rows) {
        double sum = 0;
        for (std::size_t r = rows[0]; r <= rows[1]; ++r) sum += double(states[r * 3 + i]);
        return sum / double(rows[1] - rows[0] + 1);
      };
      const float* row = pooled.view().row(p);
      EXPECT_EQ(row[i], states[i]);
      EXPECT_NEAR(row[3 + i], mean(pairs[p].head), 1e-6);
      EXPECT_NEAR(row[6 + i], mean(pairs[p].tail), 1e-6);
    }
  }
}

}  // namespace
}  // namespace radie
