// What the heads add to the encoders: see README.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "bench/random_model.h"
#include "bench/random_values.h"
#include "libradie/heads/crf.h"
#include "libradie/heads/relation_classifier.h"
#include "libradie/heads/tag_labels.h"
#include "libradie/heads/token_tagger.h"
#include "libradie/model/weights.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

constexpr std::size_t kHidden = 768;

// Seven types, O, B- and I- of each: 15 labels, as in the paper.
struct TaggingCase {
  TaggingCase() {
    config.encoder.hidden_size = kHidden;
    config.labels = {"O"};
    for (int i = 0; i < 7; ++i) {
      const std::string type = "Type" + std::to_string(i);
      schema.entity_types.push_back({type, i < 2});
      config.labels.push_back("B-" + type);
      config.labels.push_back("I-" + type);
    }
  }

  std::size_t labels() const { return config.labels.size(); }
  Crf MakeCrf() const {
    return Crf(RandomFloats(labels(), 1, 1), RandomFloats(labels(), 1, 2),
               RandomFloats(labels() * labels(), 1, 3));
  }

  EntitiesConfig config;
  Schema schema;
};

Tensor RandomMatrix(std::size_t rows, std::size_t cols, float spread) {
  Tensor tensor(rows, cols);
  const std::vector<float> values = RandomFloats(rows * cols, spread, 7);
  std::copy(values.begin(), values.end(), tensor.view().data);
  return tensor;
}

void CountRate(benchmark::State& state, const char* name, double count) {
  state.counters[name] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
}

void BenchViterbi(benchmark::State& state, bool constrained) {
  const TaggingCase tagging;
  const Crf crf = tagging.MakeCrf();
  const TagConstraints constraints =
      constrained ? TagLabels(tagging.config.labels, tagging.schema).Constraints()
                  : TagConstraints();
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const Tensor emissions = RandomMatrix(tokens, tagging.labels(), 4);
  for (auto _ : state) {
    benchmark::DoNotOptimize(crf.Decode(emissions.view(), constraints).data());
  }
  CountRate(state, "tokens/s", static_cast<double>(tokens));
}
BENCHMARK_CAPTURE(BenchViterbi, free, false)->Name("viterbi/free")->Arg(16)->Arg(64)->Arg(512);
BENCHMARK_CAPTURE(BenchViterbi, constrained, true)
    ->Name("viterbi/constrained")
    ->Arg(16)
    ->Arg(64)
    ->Arg(512);

// Forward and backward, and the marginals of a mention of three tokens in every five.
void BenchMarginals(benchmark::State& state) {
  const TaggingCase tagging;
  const Crf crf = tagging.MakeCrf();
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const Tensor emissions = RandomMatrix(tokens, tagging.labels(), 4);
  const std::vector<std::size_t> mention = {1, 2, 2};
  for (auto _ : state) {
    const CrfMarginals marginals(crf, emissions.view());
    double sum = 0;
    for (std::size_t at = 0; at + mention.size() <= tokens; at += 5) {
      sum += marginals.Probability(at, mention);
    }
    benchmark::DoNotOptimize(sum);
  }
  CountRate(state, "tokens/s", static_cast<double>(tokens));
}
BENCHMARK(BenchMarginals)->Name("marginals")->Arg(16)->Arg(64)->Arg(512);

// All that stage 1 does behind the encoder: emissions, path, mentions with confidences.
void BenchTag(benchmark::State& state) {
  const TaggingCase tagging;
  RandomModel model;
  model.AddPair("classifier", tagging.labels(), kHidden);
  model.Add("crf.start_transitions", tagging.labels());
  model.Add("crf.end_transitions", tagging.labels());
  model.Add("crf.transitions", tagging.labels(), tagging.labels());
  const ModelFile file = model.Build();
  WeightSource weights(file);
  const TokenTagger tagger(weights, "", tagging.config, tagging.schema,
                           *kernels::AvailableKernelSets().front());
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const Tensor states = RandomMatrix(tokens, kHidden, 1);
  for (auto _ : state) {
    const Tensor emissions = tagger.Emissions(states.view());
    benchmark::DoNotOptimize(tagger.Tag(emissions.view()).data());
  }
  CountRate(state, "tokens/s", static_cast<double>(tokens));
}
BENCHMARK(BenchTag)->Name("tag")->Arg(16)->Arg(64)->Arg(512);

struct RelationCase {
  explicit RelationCase(RelationsConfig::Combine combine) {
    config.encoder.hidden_size = kHidden;
    config.labels = {"none", "modify", "evidence"};
    config.combine = combine;
    std::mt19937 random(5);
    for (PairRows& pair : pairs) {
      for (auto* side : {&pair.head, &pair.tail}) *side = {random() % 512, random() % 512};
    }
  }

  RelationsConfig config;
  std::vector<PairRows> pairs = std::vector<PairRows>(200);
};

RelationClassifier MakeClassifier(const RelationsConfig& config, const ModelFile& file) {
  WeightSource weights(file);
  return RelationClassifier(weights, "", config, *kernels::AvailableKernelSets().front());
}

ModelFile RelationWeights(const RelationsConfig& config) {
  RandomModel model;
  model.AddPair("classifier.dense", kHidden, config.PooledSize());
  model.AddPair("classifier.out_proj", config.labels.size(), kHidden);
  return model.Build();
}

// 200 pairs over 512 hidden states.
void BenchPool(benchmark::State& state, RelationsConfig::Combine combine) {
  const RelationCase relations(combine);
  const RelationClassifier classifier =
      MakeClassifier(relations.config, RelationWeights(relations.config));
  const Tensor states = RandomMatrix(512, kHidden, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(classifier.Pool(states.view(), relations.pairs).view().data);
  }
  CountRate(state, "pairs/s", static_cast<double>(relations.pairs.size()));
}
BENCHMARK_CAPTURE(BenchPool, mean, RelationsConfig::Combine::kMean)->Name("pool/mean");
BENCHMARK_CAPTURE(BenchPool, concat, RelationsConfig::Combine::kConcat)->Name("pool/concat");
BENCHMARK_CAPTURE(BenchPool, product, RelationsConfig::Combine::kConcatProduct)
    ->Name("pool/concat_product");

// Logits and decisions of 200 pairs that have been pooled.
void BenchClassify(benchmark::State& state) {
  const RelationCase relations(RelationsConfig::Combine::kConcatProduct);
  const RelationClassifier classifier =
      MakeClassifier(relations.config, RelationWeights(relations.config));
  const Tensor pooled = RandomMatrix(relations.pairs.size(), 3 * kHidden, 1);
  const std::vector<bool> allowed = {true, true, false};
  for (auto _ : state) {
    const Tensor logits = classifier.Logits(pooled.view());
    for (std::size_t p = 0; p < logits.rows(); ++p) {
      benchmark::DoNotOptimize(RelationClassifier::Decide(logits.view().row(p), allowed));
    }
  }
  CountRate(state, "pairs/s", static_cast<double>(relations.pairs.size()));
}
BENCHMARK(BenchClassify)->Name("classify");

}  // namespace
}  // namespace radie

BENCHMARK_MAIN();
