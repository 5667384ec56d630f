#include "tools/bench_run.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "radie/benchmark.h"
#include "radie/extractor.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

void Draw(std::string_view text) {
  if (IsTerminal(STDERR_FILENO)) WriteToStandardError(text);
}

// A model's name is a stranger's: it reaches terminals and tables without control characters.
std::string SafeName(std::string name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool c1 =
        c >= 0x80 && c < 0xA0 && i > 0 && static_cast<unsigned char>(name[i - 1]) == 0xC2;
    if (c < 0x20 || c == 0x7F || c1) name[i] = c1 ? static_cast<char>(0xA0) : '?';
  }
  return name;
}

// That of both stages, or that there are two.
std::string PrecisionOfPipeline(const ModelInfo& model) {
  const std::string& first = model.stages.front().precision;
  const bool one = std::all_of(model.stages.begin(), model.stages.end(),
                               [&](const StageInfo& stage) { return stage.precision == first; });
  return one ? first : "mixed";
}

double PerSecond(std::size_t count, double milliseconds) {
  return milliseconds > 0 ? double(count) * 1e3 / milliseconds : 0;
}

// All reports, so many a call. Returns how many failed.
std::size_t ExtractAll(const Extractor& extractor, const std::vector<std::string>& reports,
                       std::size_t a_call) {
  std::size_t failed = 0;
  for (std::size_t first = 0; first < reports.size(); first += a_call) {
    const std::size_t last = std::min(first + a_call, reports.size());
    const std::vector<std::string_view> texts(reports.begin() + static_cast<std::ptrdiff_t>(first),
                                              reports.begin() + static_cast<std::ptrdiff_t>(last));
    for (const Outcome& outcome : extractor.ExtractBatch(texts)) failed += outcome.ok() ? 0 : 1;
  }
  return failed;
}

}  // namespace

BenchRun::BenchRun(ModelLoader load, const BenchPlan& plan, BenchReport& report)
    : load_(std::move(load)), plan_(plan), report_(report) {}

int BenchRun::Run() {
  for (Isa isa : plan_.isas) {
    for (Precision precision : plan_.precisions) {
      LoadOptions options;
      options.isa = isa;
      options.precision = precision;
      ShowProgress(std::string("loading, ") + PrecisionName(precision) + " on " + IsaName(isa));
      std::shared_ptr<const Model> model;
      try {
        model = load_(options);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kInvalidArgument) throw;
        Skip({IsaName(isa), PrecisionName(precision), "", "", error.what()});
        continue;
      }
      RunModel(model);
    }
  }
  Draw(kClearLine);
  report_.End();
  if (measured_ == 0) Complain("nothing could be measured");
  return measured_ == 0 || some_failed_ ? kExitSomeFailed : kExitOk;
}

void BenchRun::RunModel(const std::shared_ptr<const Model>& model) {
  for (std::size_t threads : plan_.threads) {
    if (!plan_.reports.empty()) {
      RunReports(model, threads);
      continue;
    }
    for (const StageInfo& stage : model->info().stages) {
      if (!plan_.stage || stage.stage == *plan_.stage) RunStage(model, stage, threads);
    }
  }
}

void BenchRun::RunStage(const std::shared_ptr<const Model>& model, const StageInfo& stage,
                        std::size_t threads) {
  ModelOptions options;
  options.threads = threads;
  const Encoder encoder = MakeEncoder(model, stage.stage, options);
  for (const EncoderWork& work : plan_.work) {
    if (work.longest() > stage.max_positions) {
      Skip({model->info().isa, stage.precision, StageName(stage.stage), work.lengths,
            "the encoder has " + std::to_string(stage.max_positions) + " positions"});
      continue;
    }
    ShowProgress(stage.precision + " on " + model->info().isa + ", " + work.lengths + " tokens × " +
                 std::to_string(work.sequences.size()));
    const double peak = Peak(model->info().isa, encoder.threads());
    const std::vector<std::int32_t> ids = RandomIds(work, stage.vocabulary_size);
    const Timing time = Measure(plan_.warmup, plan_.repeat, [&] {
      encoder.Encode({ids, work.sequences, {}});
    });
    BenchRow row;
    row.model = SafeName(model->info().name);
    row.stage = StageName(stage.stage);
    row.lengths = work.lengths;
    row.batch = work.sequences.size();
    row.threads = encoder.threads();
    row.precision = stage.precision;
    row.isa = model->info().isa;
    row.time = time;
    row.tokens_per_s = PerSecond(work.tokens(), time.median_ms);
    row.sentences_per_s = PerSecond(work.sequences.size(), time.median_ms);
    row.gflops = FlopsOf(work, stage) * 1e-6 / std::max(time.median_ms, 1e-6);
    row.peak_gflops = peak;
    AddRow(row);
  }
}

void BenchRun::RunReports(const std::shared_ptr<const Model>& model, std::size_t threads) {
  RequireStage(*model, Stage::kEntities);
  RequireStage(*model, Stage::kRelations);
  ModelOptions options;
  options.threads = threads;
  const Extractor extractor = MakeExtractor(model, options);
  for (std::size_t asked : plan_.reports_a_call) {
    const std::size_t a_call =
        asked == 0 ? plan_.reports.size() : std::min(asked, plan_.reports.size());
    BenchRow row;
    row.model = SafeName(model->info().name);
    row.stage = "pipeline";
    row.lengths = "text";
    row.batch = a_call;
    row.threads = extractor.threads();
    row.precision = PrecisionOfPipeline(model->info());
    row.isa = model->info().isa;
    ShowProgress(row.precision + " on " + row.isa + ", " + std::to_string(plan_.reports.size()) +
                 " reports");
    std::size_t failed = 0;
    row.time = Measure(plan_.warmup, plan_.repeat,
                       [&] { failed = ExtractAll(extractor, plan_.reports, a_call); });
    row.reports_per_s = PerSecond(plan_.reports.size(), row.time.median_ms);
    AddRow(row);
    if (failed > 0 && !some_failed_) {
      Complain(std::to_string(failed) + " of " + std::to_string(plan_.reports.size()) +
               " reports failed: their time is part of the figures");
    }
    some_failed_ = some_failed_ || failed > 0;
  }
}

void BenchRun::ShowProgress(const std::string& what) const {
  Draw(std::string(kClearLine) + std::to_string(measured_) + " measured; " + what);
}

void BenchRun::AddRow(const BenchRow& row) {
  ++measured_;
  Draw(kClearLine);
  report_.Add(row);
}

// The number of threads has no part in what is skipped: one word is enough.
void BenchRun::Skip(const SkippedCase& skipped) {
  if (std::find(skipped_.begin(), skipped_.end(), skipped) != skipped_.end()) return;
  skipped_.push_back(skipped);
  report_.Skip(skipped);
}

// Once for each, and before the first time that is compared with it.
double BenchRun::Peak(const std::string& isa, std::size_t threads) {
  const auto [found, missing] = peaks_.try_emplace({isa, threads}, 0.0);
  // Every kernel set in use has a name that is an Isa's.
  if (missing) found->second = MeasurePeakGflops(IsaFromName(isa).value_or(Isa::kAuto), threads);
  return found->second;
}

}  // namespace radie::tools
