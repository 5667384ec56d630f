// Structured reports as text: see README.md.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "radie/report.h"
#include "radie/writer.h"

namespace radie {
namespace {

// As many mentions as a long report has: four in a sentence of twenty characters.
struct WrittenReport {
  WrittenReport() {
    static constexpr const char* kTypes[] = {"Anatomical_entity", "Size_descriptor",
                                             "Imaging_observation", "Certainty_descriptor"};
    static constexpr const char* kWords[] = {"右肺上葉", "十二mm大", "結節", "認めます"};
    std::size_t code_points = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const std::string word = kWords[i % 4];
      const std::size_t count = i % 4 == 1 ? 5 : i % 4 == 2 ? 2 : 4;
      const Range bytes{text.size(), text.size() + word.size()};
      const Range points{code_points, code_points + count};
      report.entities.push_back({kTypes[i % 4], {bytes, points, points}, word, 0.9876});
      is_object.push_back(i % 4 == 2);
      if (i % 4 != 2) report.relations.push_back({"modify", i, i / 4 * 4 + 2, 0.8765});
      text += word + "、";
      code_points += count + 1;
    }
    report.findings = AssembleFindings(report.entities, report.relations, is_object);
  }

  std::string text;
  StructuredReport report;
  std::vector<bool> is_object;
};

void CountReports(benchmark::State& state) {
  state.counters["reports/s"] =
      benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

void BenchJson(benchmark::State& state, bool include_text) {
  const WrittenReport written;
  JsonOptions options;
  options.include_text = include_text;
  std::size_t bytes = 0;
  for (auto _ : state) bytes += ToJson("report", written.text, written.report, options).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  CountReports(state);
}
BENCHMARK_CAPTURE(BenchJson, plain, false)->Name("json");
BENCHMARK_CAPTURE(BenchJson, with_text, true)->Name("json_with_text");

void BenchTable(benchmark::State& state) {
  const WrittenReport written;
  std::size_t bytes = 0;
  for (auto _ : state) bytes += ToTable("report", written.report).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  CountReports(state);
}
BENCHMARK(BenchTable)->Name("table");

void BenchFindings(benchmark::State& state) {
  const WrittenReport written;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        AssembleFindings(written.report.entities, written.report.relations, written.is_object)
            .data());
  }
  CountReports(state);
}
BENCHMARK(BenchFindings)->Name("assemble_findings");

}  // namespace
}  // namespace radie

BENCHMARK_MAIN();
