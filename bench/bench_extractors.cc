// Several extractors in one process: see README.md.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/sample_reports.h"
#include "radie/extractor.h"

namespace radie {
namespace {

// Each of `count` extractors of `threads` threads reads the sample reports on a thread of its own,
// all at once. Were they to cost nothing but their share of the cores, the rate would stay the
// same.
void BenchExtractors(benchmark::State& state, std::size_t count, std::size_t threads) {
  const auto model = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  const std::vector<std::string> reports = SampleReports();
  std::vector<std::unique_ptr<Extractor>> extractors;
  for (std::size_t i = 0; i < count; ++i) {
    extractors.push_back(std::make_unique<Extractor>(model, ExtractorOptions{.threads = threads}));
  }
  const auto read = [&reports](const Extractor& extractor) {
    for (const std::string& report : reports) {
      benchmark::DoNotOptimize(extractor.Extract(report));
    }
  };
  for (auto _ : state) {
    std::vector<std::thread> callers;
    for (std::size_t i = 1; i < count; ++i) callers.emplace_back([&, i] { read(*extractors[i]); });
    read(*extractors[0]);
    for (std::thread& caller : callers) caller.join();
  }
  state.counters["reports/s"] = benchmark::Counter(static_cast<double>(count * reports.size()),
                                                   benchmark::Counter::kIsIterationInvariantRate);
}

void Register(const std::string& name, std::size_t count, std::size_t threads) {
  benchmark::RegisterBenchmark(name.c_str(), BenchExtractors, count, threads)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace radie

int main(int argc, char** argv) {
  for (const std::size_t threads : {1, 2}) {
    for (const std::size_t count : {1, 2, 4}) {
      radie::Register(
          "extractors/" + std::to_string(count) + "_of_" + std::to_string(threads) + "_threads",
          count, threads);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
