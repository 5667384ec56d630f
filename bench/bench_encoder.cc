// A whole encoder with random weights, made in memory: see README.md.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/random_model.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/model/model_file.h"
#include "libradie/model/weights.h"
#include "libradie/nn/bert_encoder.h"

namespace radie {
namespace {

EncoderConfig BertBase() {
  EncoderConfig config;
  config.layers = 12, config.hidden_size = 768, config.attention_heads = 12,
  config.intermediate_size = 3072;
  config.vocab_size = 1000;  // the table's size has no influence on the time
  config.max_positions = 512, config.type_vocab_size = 2, config.embedding_size = 768;
  return config;
}

ModelFile MakeModel(const EncoderConfig& config) {
  const std::size_t h = config.hidden_size, inner = config.intermediate_size;
  RandomModel model;
  model.Add("bert.embeddings.word_embeddings.weight", config.vocab_size, h);
  model.Add("bert.embeddings.position_embeddings.weight", config.max_positions, h);
  model.Add("bert.embeddings.token_type_embeddings.weight", config.type_vocab_size, h);
  model.AddPair("bert.embeddings.LayerNorm", h);
  for (std::size_t n = 0; n < config.layers; ++n) {
    const std::string layer = "bert.encoder.layer." + std::to_string(n) + ".";
    for (const char* part : {"query", "key", "value"})
      model.AddPair(layer + "attention.self." + part, h, h);
    model.AddPair(layer + "attention.output.dense", h, h);
    model.AddPair(layer + "attention.output.LayerNorm", h);
    model.AddPair(layer + "intermediate.dense", inner, h);
    model.AddPair(layer + "output.dense", h, inner);
    model.AddPair(layer + "output.LayerNorm", h);
  }
  return model.Build();
}

// One encoder a kernel set and type of products, made on first use and shared by its benchmarks.
class Encoders {
 public:
  const BertEncoder& Get(const kernels::KernelSet& set, DType dtype) {
    if (set_ != &set || dtype_ != dtype) {
      encoder_.reset();  // before the next one is made: each takes some 350 MB
      const ModelFile file = MakeModel(BertBase());
      WeightSource weights(file);
      encoder_ = std::make_unique<BertEncoder>(weights, "", BertBase(), Arithmetic(set, dtype));
      set_ = &set, dtype_ = dtype;
    }
    return *encoder_;
  }

 private:
  const kernels::KernelSet* set_ = nullptr;
  DType dtype_ = DType::kF32;
  std::unique_ptr<BertEncoder> encoder_;
};

struct NamedType {
  DType dtype;
  const char* name;
};
constexpr NamedType kTypes[] = {
    {DType::kF32, "fp32"}, {DType::kF16, "fp16"}, {DType::kBF16, "bf16"}, {DType::kI8, "int8"}};

RaggedBatch MakeBatch(const std::vector<std::size_t>& lengths) {
  RaggedBatch batch;
  std::mt19937 random(7);
  for (std::size_t length : lengths) {
    std::vector<std::int32_t> ids(length);
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % 1000);
    batch.Add(ids);
  }
  return batch;
}

// 64 sentences of 5 to 120 tokens, short ones more often.
std::vector<std::size_t> RaggedLengths() {
  std::mt19937 random(11);
  std::vector<std::size_t> lengths(64);
  for (std::size_t& length : lengths) {
    const double u = static_cast<double>(random()) / 4294967296.0;
    length = 5 + static_cast<std::size_t>(115.0 * u * u);
  }
  return lengths;
}

struct Setting {
  const kernels::KernelSet* set;
  DType dtype;
  std::size_t threads;
  std::vector<std::size_t> lengths;
};

void BenchEncode(benchmark::State& state, Encoders& encoders, const Setting& setting) {
  const BertEncoder& encoder = encoders.Get(*setting.set, setting.dtype);
  ThreadPool pool(setting.threads);
  const RaggedBatch batch = MakeBatch(setting.lengths);
  for (auto _ : state) {
    const Tensor states = encoder.Encode(batch, pool);
    benchmark::DoNotOptimize(states.view().data);
  }
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(batch.tokens()),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

void RegisterAll(Encoders& encoders) {
  const std::size_t available = AvailableThreads();
  std::vector<std::size_t> thread_counts = {1};
  if (available > 1) thread_counts.push_back(available);
  for (const kernels::KernelSet* set : kernels::AvailableKernelSets()) {
    for (const NamedType& type : kTypes) {
      if (!set->Supports(type.dtype, 3072)) continue;
      for (std::size_t threads : thread_counts) {
        const auto add = [&](const std::string& what, const std::vector<std::size_t>& lengths) {
          const std::string name = what + "/" + std::string(set->name()) + "/" + type.name +
                                   "/threads:" + std::to_string(threads);
          const Setting setting{set, type.dtype, threads, lengths};
          benchmark::RegisterBenchmark(
              name.c_str(),
              [&encoders, setting](benchmark::State& s) { BenchEncode(s, encoders, setting); })
              ->Unit(benchmark::kMillisecond)
              ->UseRealTime()
              ->MeasureProcessCPUTime();
        };
        for (std::size_t length : {16, 32, 64, 128, 256, 512})
          add("b1_s" + std::to_string(length), {length});
        add("b16_s128", std::vector<std::size_t>(16, 128));
        add("ragged_64", RaggedLengths());
      }
    }
  }
}

}  // namespace
}  // namespace radie

int main(int argc, char** argv) {
  radie::Encoders encoders;
  radie::RegisterAll(encoders);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
