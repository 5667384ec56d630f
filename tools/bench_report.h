// Measured times as a table, Markdown, CSV or JSON.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "tools/bench_work.h"
#include "tools/machine_facts.h"
#include "tools/output.h"

namespace radie::tools {

enum class BenchFormat { kTable, kMarkdown, kCsv, kJson };

struct BenchRow {
  std::string model;
  std::string stage;      // "entities", "relations", "encoder"; "pipeline" for reports
  std::string lengths;    // in tokens; "text" for reports
  std::size_t batch = 0;  // sequences, or reports, of a call
  std::size_t threads = 0;
  std::string precision, isa;
  Timing time;  // of a call; for reports of all of them
  std::optional<double> tokens_per_s, sentences_per_s, reports_per_s;
  std::optional<double> gflops, peak_gflops;
};

// A combination that was asked for and cannot be.
struct SkippedCase {
  std::string isa, precision;
  std::string stage, lengths;  // empty: all
  std::string reason;

  friend bool operator==(const SkippedCase&, const SkippedCase&) = default;
};

// Rows are written as they come, except in JSON, which is one object at the end. The form is
// described in docs/performance.md.
class BenchReport {
 public:
  virtual ~BenchReport() = default;
  virtual void Begin(const MachineFacts& facts) = 0;
  virtual void Add(const BenchRow& row) = 0;
  virtual void Skip(const SkippedCase& skipped) = 0;
  virtual void End() = 0;
};

// `output` must outlive the report.
std::unique_ptr<BenchReport> MakeBenchReport(BenchFormat format, Output& output);

}  // namespace radie::tools
