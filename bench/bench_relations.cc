// The pairs of one text, read by layout `levitated` and by one pass a pair: see README.md.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/random_encoder.h"
#include "libradie/base/thread_pool.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

struct Setting {
  const kernels::KernelSet* set;
  DType dtype;
  std::size_t text, pairs;
};

// What the encoder reads, and the rows that the head reads: of each pair two start markers.
struct Work {
  std::vector<RaggedBatch> batches;
  std::vector<std::vector<std::size_t>> rows;
};

std::vector<std::int32_t> RandomIds(std::size_t count) {
  std::mt19937 random(7);
  std::vector<std::int32_t> ids(count);
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % 1000);
  return ids;
}

// Markers stand round the mentions: four tokens more, and a sequence of its own for each pair.
Work OnePassAPair(const Setting& setting) {
  constexpr std::size_t kBatchTokens = 4096;  // as the extractor's options have it
  Work work;
  for (std::size_t p = 0; p < setting.pairs; ++p) {
    const std::size_t length = setting.text + 4;
    if (work.batches.empty() || work.batches.back().tokens() + length > kBatchTokens) {
      work.batches.emplace_back(), work.rows.emplace_back();
    }
    const std::size_t first = work.batches.back().tokens();
    work.rows.back().insert(work.rows.back().end(), {first + 3, first + length / 2});
    work.batches.back().Add(RandomIds(length));
  }
  return work;
}

Work Levitated(const Setting& setting) {
  std::vector<MarkerGroup> groups(setting.pairs);
  Work work;
  work.batches.emplace_back(), work.rows.emplace_back();
  for (std::size_t p = 0; p < setting.pairs; ++p) {
    const auto place = static_cast<std::int32_t>(p % setting.text);
    groups[p] = {{1, 2, 3, 4}, {place, place, 0, 1}};
    const std::size_t first = setting.text + p * MarkerGroup::kRows;
    work.rows[0].insert(work.rows[0].end(), {first, first + 2});
  }
  work.batches[0].Add(RandomIds(setting.text), {}, groups);
  return work;
}

void BenchPairs(benchmark::State& state, Encoders& encoders, const Setting& setting,
                const Work& work) {
  const BertEncoder& encoder = encoders.Get(*setting.set, setting.dtype);
  ThreadPool pool(1);
  std::vector<Tensor> states;
  for (const auto& rows : work.rows) states.emplace_back(rows.size(), encoder.config().hidden_size);
  for (auto _ : state) {
    for (std::size_t b = 0; b < work.batches.size(); ++b) {
      encoder.EncodeRows(work.batches[b], work.rows[b], pool, states[b].view());
      benchmark::DoNotOptimize(states[b].view().data);
    }
  }
  state.counters["pairs/s"] = benchmark::Counter(static_cast<double>(setting.pairs),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void RegisterAll(Encoders& encoders) {
  for (const kernels::KernelSet* set : kernels::AvailableKernelSets()) {
    for (const NamedType& type : kTypes) {
      if (!set->Supports(type.dtype, 3072)) continue;
      for (std::size_t text : {128, 500}) {
        for (std::size_t pairs : {10, 100}) {
          const Setting setting{set, type.dtype, text, pairs};
          const auto add = [&](const char* layout, Work (*make)(const Setting&)) {
            const std::string name = std::string(layout) + "/t" + std::to_string(text) + "_p" +
                                     std::to_string(pairs) + "/" + std::string(set->name()) + "/" +
                                     type.name;
            benchmark::RegisterBenchmark(name.c_str(),
                                         [&encoders, setting, make](benchmark::State& s) {
                                           BenchPairs(s, encoders, setting, make(setting));
                                         })
                ->Unit(benchmark::kMillisecond)
                ->UseRealTime()
                ->MeasureProcessCPUTime();
          };
          add("pair", OnePassAPair);
          add("levitated", Levitated);
        }
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
