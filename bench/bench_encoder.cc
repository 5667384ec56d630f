// A whole encoder with random weights, made in memory: see README.md.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/random_encoder.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/nn/bert_encoder.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

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
  Tensor states(batch.tokens(), encoder.config().hidden_size);
  for (auto _ : state) {
    encoder.Encode(batch, pool, states.view());
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
