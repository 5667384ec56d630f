// Goes through every combination that `radie bench` was asked for.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "radie/model.h"
#include "tools/bench_report.h"
#include "tools/bench_work.h"

namespace radie::tools {

struct BenchPlan {
  std::vector<Isa> isas;
  std::vector<Precision> precisions;
  std::vector<std::size_t> threads;  // 0: as many as this process may use
  std::optional<Stage> stage;        // nothing: each that the model has
  std::size_t warmup = 2, repeat = 10;

  // Either encoder work, or reports and how many go into a call (0: all).
  std::vector<EncoderWork> work;
  std::vector<std::string> reports;
  std::vector<std::size_t> reports_a_call;
};

// Throws Error; kInvalidArgument means that the combination does not exist.
using ModelLoader = std::function<std::shared_ptr<const Model>(const LoadOptions&)>;

class BenchRun {
 public:
  // Keeps references to all but the loader.
  BenchRun(ModelLoader load, const BenchPlan& plan, BenchReport& report);

  // Returns an exit code: kExitSomeFailed when a report failed or nothing could be measured.
  int Run();

 private:
  void RunModel(const std::shared_ptr<const Model>& model);
  void RunStage(const std::shared_ptr<const Model>& model, const StageInfo& stage,
                std::size_t threads);
  void RunReports(const std::shared_ptr<const Model>& model, std::size_t threads);
  void ShowProgress(const std::string& what) const;
  void AddRow(const BenchRow& row);
  void Skip(const SkippedCase& skipped);
  double Peak(const std::string& isa, std::size_t threads);

  ModelLoader load_;
  const BenchPlan& plan_;
  BenchReport& report_;
  std::map<std::pair<std::string, std::size_t>, double> peaks_;  // kernel set, threads
  std::vector<SkippedCase> skipped_;
  std::size_t measured_ = 0;
  bool some_failed_ = false;
};

}  // namespace radie::tools
