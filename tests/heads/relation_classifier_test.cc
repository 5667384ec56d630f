#include "libradie/heads/relation_classifier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "every_path.h"
#include "golden_model.h"
#include "radie/error.h"

namespace radie {
namespace {

using testing::GoldenJson;
using testing::GoldenModel;
using Combine = RelationsConfig::Combine;
using Pooling = RelationsConfig::Pooling;

RelationClassifier MakeClassifier(GoldenModel& model, const RelationsConfig& config) {
  const kernels::KernelSet& kernels = *kernels::FindKernelSet("portable");
  return RelationClassifier(model.weights, "relations.", config, kernels);
}

// Two pairs over five hidden states, by the definition of each way to combine.
void CheckPool(const std::string& name) {
  SCOPED_TRACE(name);
  GoldenModel model(name);
  const RelationsConfig& config = *model.config.relations;
  const RelationClassifier classifier = MakeClassifier(model, config);
  const std::size_t hidden = config.encoder.hidden_size;
  std::mt19937 random(13);
  const std::vector<float> states = testing::RandomFloats(random, 5 * hidden, 1);
  std::vector<PairRows> pairs = {{{1, 2}, {3, 4}}, {{4, 0}, {1, 2}}};
  if (config.pooling == Pooling::kCls) pairs = {{{0, 0}, {}}, {{3, 3}, {}}};
  if (config.pooling == Pooling::kStart || config.pooling == Pooling::kEnd) {
    pairs = {{{1, 1}, {3, 3}}, {{4, 4}, {2, 2}}};
  }
  const Tensor pooled = classifier.Pool({states.data(), 5, hidden, hidden}, pairs);
  ASSERT_EQ(pooled.rows(), 2u);
  ASSERT_EQ(pooled.cols(), config.PooledSize());
  for (std::size_t p = 0; p < 2; ++p) {
    auto mean = [&](const std::array<std::size_t, 2>& rows, std::size_t i) {
      double sum = 0;
      for (std::size_t row : rows) sum += double(states[row * hidden + i]);
      return sum / double(rows.size());
    };
    const float* row = pooled.view().row(p);
    for (std::size_t i = 0; i < hidden; ++i) {
      const double h = mean(pairs[p].head, i);
      if (config.pooling == Pooling::kCls) {
        EXPECT_EQ(row[i], float(h));
        continue;
      }
      const double t = mean(pairs[p].tail, i);
      if (config.combine == Combine::kMean) {
        EXPECT_NEAR(row[i], (h + t) / 2, 1e-6);
        continue;
      }
      EXPECT_NEAR(row[i], h, 1e-6);
      EXPECT_NEAR(row[hidden + i], t, 1e-6);
      if (config.combine == Combine::kConcatProduct) {
        EXPECT_NEAR(row[2 * hidden + i], h * t, 1e-6);
      }
    }
  }
  EXPECT_EQ(classifier.Pool({states.data(), 5, hidden, hidden}, {}).rows(), 0u);
}

TEST(RelationClassifier, PoolsEveryWay) {
  for (const char* name :
       {"relation_pair_cls.radie", "relation_pair_start_mean.radie",
        "relation_pair_end_concat.radie", "relation_pair_both_concat_product.radie",
        "relation_tail_both_mean.radie", "relation_pair_both_concat.radie"}) {
    CheckPool(name);
  }
}

TEST(RelationClassifier, LogitsAreTheTwoLayers) {
  GoldenModel model("relation_pair_both_concat.radie");
  const RelationsConfig& config = *model.config.relations;
  const RelationClassifier classifier = MakeClassifier(model, config);
  const std::size_t size = config.PooledSize();
  std::mt19937 random(14);
  const std::vector<float> pooled = testing::RandomFloats(random, 2 * size, 1);
  const Tensor logits = classifier.Logits({pooled.data(), 2, size, size});
  ASSERT_EQ(logits.rows(), 2u);
  ASSERT_EQ(logits.cols(), config.labels.size());
  const auto dense = model.Floats("relations.classifier.dense.weight");
  const auto dense_bias = model.Floats("relations.classifier.dense.bias");
  const auto out = model.Floats("relations.classifier.out_proj.weight");
  const auto out_bias = model.Floats("relations.classifier.out_proj.bias");
  const std::size_t inner = dense_bias.size();
  for (std::size_t p = 0; p < 2; ++p) {
    std::vector<double> hidden(inner);
    for (std::size_t d = 0; d < inner; ++d) {
      double sum = dense_bias[d];
      for (std::size_t i = 0; i < size; ++i) {
        sum += double(dense[d * size + i]) * double(pooled[p * size + i]);
      }
      hidden[d] = std::tanh(sum);
    }
    for (std::size_t l = 0; l < config.labels.size(); ++l) {
      double sum = out_bias[l];
      for (std::size_t d = 0; d < inner; ++d) sum += double(out[l * inner + d]) * hidden[d];
      EXPECT_NEAR(logits.view().row(p)[l], sum, 1e-4);
    }
  }
  EXPECT_EQ(classifier.Logits({pooled.data(), 0, size, size}).rows(), 0u);
}

TEST(RelationClassifier, RefusesTensorsOfAnotherShape) {
  GoldenModel model("relation_pair_both_concat.radie");
  RelationsConfig config = *model.config.relations;
  config.combine = Combine::kMean;
  EXPECT_THROW(MakeClassifier(model, config), Error);
  config = *model.config.relations;
  config.labels.push_back("more");
  EXPECT_THROW(MakeClassifier(model, config), Error);
}

TEST(RelationClassifier, TemperatureMovesProbabilitiesAndNoDecision) {
  const float logits[] = {0.5f, 2, -1};
  const std::vector<bool> all = {true, true, true};
  for (const double temperature : {0.25, 1.0, 3.0}) {
    const RelationScore score = RelationClassifier::Decide(logits, all, temperature);
    EXPECT_EQ(score.label, 1u);
    const double sum =
        std::exp(0.5 / temperature) + std::exp(2 / temperature) + std::exp(-1 / temperature);
    EXPECT_NEAR(score.probability, std::exp(2 / temperature) / sum, 1e-12);
  }
  EXPECT_EQ(RelationClassifier::Decide(logits, all).probability,
            RelationClassifier::Decide(logits, all, 1).probability);
}

TEST(RelationClassifier, DecidesAmongTheAllowedLabels) {
  const float logits[] = {1, 5, 3, 3};
  RelationScore score = RelationClassifier::Decide(logits, {true, true, true, true});
  EXPECT_EQ(score.label, 1u);
  EXPECT_NEAR(score.probability, 1 / (1 + std::exp(-4.0) + 2 * std::exp(-2.0)), 1e-12);
  score = RelationClassifier::Decide(logits, {true, false, true, true});
  EXPECT_EQ(score.label, 2u);  // the smallest wins the tie
  EXPECT_NEAR(score.probability, 1 / (2 + std::exp(-2.0)), 1e-12);
  score = RelationClassifier::Decide(logits, {true, false, false, false});
  EXPECT_EQ(score.label, 0u);
  EXPECT_EQ(score.probability, 1);
  const float far_apart[] = {-3e38f, 3e38f};
  EXPECT_EQ(RelationClassifier::Decide(far_apart, {true, true}).probability, 1);
}

// The golden logits give the golden labels and probabilities.
TEST(RelationClassifier, DecidesAsPyTorch) {
  std::size_t pairs = 0;
  const nlohmann::json golden = GoldenJson("relation.json");
  for (const auto& c : golden["cases"]) {
    const GoldenModel model(c["model"]);
    const Schema& schema = model.config.schema;
    const std::vector<std::string>& labels = model.config.relations->labels;
    EXPECT_EQ(labels, c["labels"].get<std::vector<std::string>>());
    for (const auto& text : c["texts"]) {
      for (const auto& pair : text["pairs"]) {
        auto type = [&](const char* end) {
          return *schema.FindEntityType(
              text["entities"][pair[end].get<std::size_t>()]["type"].get<std::string>());
        };
        const std::size_t head = type("head"), tail = type("tail");
        std::vector<bool> allowed;
        for (const std::string& label : labels) {
          bool may = label == "none";
          for (std::size_t r = 0; r < schema.relation_types.size(); ++r) {
            may = may || (schema.relation_types[r].name == label && schema.Allows(r, head, tail));
          }
          allowed.push_back(may);
        }
        const auto logits = pair["logits"].get<std::vector<float>>();
        const RelationScore score = RelationClassifier::Decide(logits.data(), allowed);
        EXPECT_EQ(labels[score.label], pair["label"].get<std::string>());
        EXPECT_NEAR(score.probability, pair["probabilities"][score.label].get<double>(), 1e-6);
        ++pairs;
      }
    }
  }
  EXPECT_GT(pairs, 50u);
}

}  // namespace
}  // namespace radie
