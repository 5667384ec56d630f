// radie eval: a model, or a file of predictions, against annotated reports.
#include <memory>
#include <utility>

#include "radie/evaluation.h"
#include "tools/commands.h"
#include "tools/eval_report.h"
#include "tools/exit_codes.h"
#include "tools/gold.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

constexpr std::size_t kBatchReports = 32;

struct EvalCommand {
  std::string gold, predictions;
  ModelOptions model;
  bool json = false;
};

// A report's result, or an empty one and a complaint.
StructuredReport ReportOrEmpty(const Outcome& outcome, const GoldReport& gold, bool& failed) {
  if (outcome.ok()) return outcome.report();
  Complain("line " + std::to_string(gold.line) + " (" + gold.id + "): " + outcome.error().what());
  failed = true;
  return {};
}

class ModelEvaluation {
 public:
  explicit ModelEvaluation(const ModelOptions& options) : model_(LoadModel(options)) {
    has_entities_ = model_->has_stage(Stage::kEntities);
    has_relations_ = model_->has_stage(Stage::kRelations);
    if (!has_relations_) RequireStage(*model_, Stage::kEntities);
    extractor_ = std::make_unique<Extractor>(MakeExtractor(model_, options));
  }

  EvalFigures Run(const std::string& gold_path) {
    GoldReader reader(gold_path);
    std::vector<GoldReport> batch;
    for (bool more = true; more;) {
      GoldReport report;
      more = reader.Next(report);
      if (more) batch.push_back(std::move(report));
      if (batch.size() < kBatchReports && more) continue;
      RunBatch(batch);
      batch.clear();
    }
    if (has_entities_) figures_.end_to_end = end_to_end_.result();
    figures_.relations_end_to_end = has_entities_ && has_relations_;
    if (has_relations_) figures_.on_gold_entities = on_gold_.result();
    return std::move(figures_);
  }

 private:
  void RunBatch(const std::vector<GoldReport>& batch) {
    std::vector<Request> from_text, from_entities;
    for (const GoldReport& gold : batch) {
      Request request;
      request.text = gold.text;
      request.stages = has_relations_ ? Request::Stages::kBoth : Request::Stages::kEntitiesOnly;
      from_text.push_back(request);
      request.stages = Request::Stages::kRelationsOnly;
      request.entities = gold.mentions;
      from_entities.push_back(request);
    }
    std::vector<bool> failed(batch.size());
    if (has_entities_) Add(batch, from_text, end_to_end_, failed);
    if (has_relations_) Add(batch, from_entities, on_gold_, failed);
    figures_.reports += batch.size();
    for (bool one : failed) figures_.failed += one ? 1 : 0;
  }

  void Add(const std::vector<GoldReport>& batch, const std::vector<Request>& requests,
           Evaluation& evaluation, std::vector<bool>& failed) {
    const std::vector<Outcome> outcomes = extractor_->Run(requests);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      bool this_failed = false;
      evaluation.Add(batch[i].annotated, ReportOrEmpty(outcomes[i], batch[i], this_failed));
      if (this_failed) failed[i] = true;
    }
  }

  std::shared_ptr<const Model> model_;
  bool has_entities_ = false, has_relations_ = false;
  std::unique_ptr<Extractor> extractor_;
  Evaluation end_to_end_, on_gold_;
  EvalFigures figures_;
};

EvalFigures EvaluatePredictions(const std::string& gold_path, const std::string& predictions_path) {
  std::map<std::string, Prediction> predictions = ReadPredictions(predictions_path);
  EvalFigures figures;
  Evaluation evaluation;
  GoldReader reader(gold_path);
  for (GoldReport gold; reader.Next(gold);) {
    ++figures.reports;
    const auto found = predictions.find(gold.id);
    StructuredReport predicted;
    if (found == predictions.end() || found->second.record.is_error) {
      ++figures.failed;
    } else {
      const Record& record = found->second.record;
      if (record.relations) figures.relations_end_to_end = true;
      try {
        predicted =
            AnnotatedReport(record, gold.text, record.unit.value_or(OffsetUnit::kCodePoint));
      } catch (const Error& error) {
        throw ExitError(
            kExitSomeFailed,
            predictions_path + " line " + std::to_string(found->second.line) + ": " + error.what());
      }
    }
    if (found != predictions.end()) predictions.erase(found);
    evaluation.Add(gold.annotated, predicted);
  }
  if (!predictions.empty()) {
    Complain(std::to_string(predictions.size()) + " predicted reports have an id that " +
             gold_path + " lacks (or has twice)");
  }
  figures.end_to_end = evaluation.result();
  return figures;
}

int RunEval(const EvalCommand& command) {
  if (!command.predictions.empty() && !command.model.path.empty()) {
    throw ExitError(kExitUsage, "give either predictions or --model, not both");
  }
  const EvalFigures figures = command.predictions.empty()
                                  ? ModelEvaluation(command.model).Run(command.gold)
                                  : EvaluatePredictions(command.gold, command.predictions);
  StandardOutput().Write(command.json ? FiguresAsJson(figures) : FiguresAsTable(figures));
  return figures.failed > 0 ? kExitSomeFailed : kExitOk;
}

constexpr char kFooter[] =
    R"(Examples:
  radie eval gold.jsonl                         the default model
  radie eval gold.jsonl --model my.radie --json
  radie eval gold.jsonl out.jsonl               what `radie extract` wrote, or another system in its format

Gold lines: {"id","text","entities":[{"id","type","start","end"}],"relations":[{"type","head","tail"}]},
offsets in code points. The figures are defined in docs/evaluation.md.
)";

}  // namespace

void AddEval(CLI::App& app, Run& run) {
  auto command = std::make_shared<EvalCommand>();
  CLI::App* sub =
      app.add_subcommand("eval", "Measure a model or predictions against annotated reports");
  sub->add_option("gold", command->gold, "Annotated reports, JSON Lines")
      ->required()
      ->type_name("GOLD");
  sub->add_option("predictions", command->predictions,
                  "Records of radie extract, matched by id (default: run a model)")
      ->type_name("PRED");
  AddModelOption(*sub, command->model);
  sub->add_flag("--json", command->json, "Print JSON");
  AddComputeOptions(*sub, command->model);
  sub->footer(std::string(kFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunEval(*command); }; });
}

}  // namespace radie::tools
