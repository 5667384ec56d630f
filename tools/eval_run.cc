#include "tools/eval_run.h"

#include <memory>
#include <utility>
#include <vector>

#include "radie/extractor.h"
#include "tools/gold.h"
#include "tools/gold_certainty.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

constexpr std::size_t kBatchReports = 32;
constexpr std::size_t kMaxIdsNamed = 10;

// "a, b, c and 4 more"
std::string Names(const std::vector<std::string>& ids, std::size_t all) {
  std::string names;
  for (std::size_t i = 0; i < ids.size() && i < kMaxIdsNamed; ++i)
    names += (i == 0 ? "" : ", ") + ids[i];
  if (all > kMaxIdsNamed) names += " and " + std::to_string(all - kMaxIdsNamed) + " more";
  return names;
}

// What both kinds of evaluation share: the gold reports, and the end.
class GoldPass {
 public:
  explicit GoldPass(const EvalOptions& options)
      : options_(options),
        reader_(options.gold, options.read),
        worst_(options.worst.value_or(0), options.show_text) {}

  bool Next(GoldReport& report) {
    if (!reader_.Next(report)) return false;
    ++figures_.reports;
    if (report.has_relations) ++with_relations_;
    figures_.gold_has_certainty = figures_.gold_has_certainty || HasCertainty(report.annotated);
    return true;
  }

  void Offer(const ReportOutcome& outcome) {
    if (outcome.failed) ++figures_.failed;
    if (options_.worst) worst_.Offer(outcome);
    if (options_.page != nullptr) options_.page->Offer(outcome);
  }

  EvalFigures& figures() { return figures_; }

  EvalFigures Finish() {
    ComplainOf(reader_.notes(), options_.gold);
    ComplainOfRelations();
    figures_.gold_has_relations = with_relations_ > 0;
    if (!figures_.gold_has_relations) {
      figures_.on_gold_entities.reset();
      figures_.relations_end_to_end = false;
    }
    FinishCertainty();
    figures_.bootstrap = options_.bootstrap;
    if (options_.bootstrap && figures_.end_to_end) {
      figures_.end_to_end_intervals =
          BootstrapIntervals(figures_.end_to_end->by_report, *options_.bootstrap);
    }
    if (options_.bootstrap && figures_.on_gold_entities) {
      figures_.on_gold_intervals =
          BootstrapIntervals(figures_.on_gold_entities->by_report, *options_.bootstrap);
    }
    if (options_.bootstrap && figures_.from_gold) {
      figures_.from_gold_intervals =
          BootstrapIntervals(figures_.from_gold->by_report, *options_.bootstrap);
    }
    if (options_.worst) figures_.worst = worst_.Take();
    return std::move(figures_);
  }

 private:
  void FinishCertainty() {
    if (figures_.gold_has_certainty && with_relations_ > 0) return;
    figures_.from_gold.reset();
    if (!figures_.gold_has_certainty) figures_.certainty_end_to_end = false;
  }

  void ComplainOfRelations() const {
    const bool wanted = figures_.relations_end_to_end || figures_.on_gold_entities;
    if (!wanted || with_relations_ == figures_.reports) return;
    if (with_relations_ == 0) {
      Complain(options_.gold + ": no report says which relations there are; none are measured");
    } else {
      Complain(options_.gold + ": " + std::to_string(figures_.reports - with_relations_) +
               " reports say nothing of relations and count as ones without any");
    }
  }

  const EvalOptions& options_;
  GoldReader reader_;
  WorstReports worst_;
  EvalFigures figures_;
  std::size_t with_relations_ = 0;
};

class ModelEvaluation {
 public:
  ModelEvaluation(const EvalOptions& options, const ModelOptions& model)
      : model_(LoadModel(model)), run_(options) {
    has_entities_ = model_->has_stage(Stage::kEntities);
    has_relations_ = model_->has_stage(Stage::kRelations);
    if (!has_relations_) RequireStage(*model_, Stage::kEntities);
    extractor_ = std::make_unique<Extractor>(MakeExtractor(model_, model));
  }

  EvalFigures Finish() {
    std::vector<GoldReport> batch;
    for (bool more = true; more;) {
      GoldReport report;
      more = run_.Next(report);
      if (more) batch.push_back(std::move(report));
      if (batch.size() < kBatchReports && more) continue;
      RunBatch(batch);
      batch.clear();
    }
    EvalFigures& figures = run_.figures();
    if (has_entities_) figures.end_to_end = end_to_end_.result();
    figures.relations_end_to_end = has_entities_ && has_relations_;
    if (has_relations_) {
      figures.on_gold_entities = on_gold_.result();
      figures.from_gold = from_gold_.result();
    }
    figures.certainty_end_to_end = figures.relations_end_to_end;
    figures.has_confidences = true;
    return run_.Finish();
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
    std::vector<StructuredReport> predicted, related;
    const std::size_t done = run_.figures().reports - batch.size();  // before this batch
    if (has_entities_) predicted = Add(batch, from_text, end_to_end_, failed);
    if (has_relations_) {
      related = Add(batch, from_entities, on_gold_, failed);
      for (const GoldReport& gold : batch)
        from_gold_.Add(gold.annotated, WithDerivedCertainty(gold));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      ReportOutcome outcome;
      outcome.gold = &batch[i];
      outcome.relations_end_to_end = has_relations_;
      outcome.failed = failed[i];
      if (has_entities_) {
        outcome.predicted = &predicted[i];
        outcome.end_to_end = &end_to_end_.result().by_report[done + i];
      }
      if (has_relations_) {
        outcome.related = &related[i];
        outcome.on_gold = &on_gold_.result().by_report[done + i];
      }
      run_.Offer(outcome);
    }
  }

  // What came out, an empty report and a complaint where the model failed.
  std::vector<StructuredReport> Add(const std::vector<GoldReport>& batch,
                                    const std::vector<Request>& requests, Evaluation& evaluation,
                                    std::vector<bool>& failed) {
    const std::vector<Outcome> outcomes = extractor_->Run(requests);
    std::vector<StructuredReport> reports;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (outcomes[i].ok()) {
        reports.push_back(outcomes[i].report());
      } else {
        Complain(batch[i].place + " (" + batch[i].id + "): " + outcomes[i].error().what());
        failed[i] = true;
        reports.emplace_back();
      }
      evaluation.Add(batch[i].annotated, reports.back());
    }
    return reports;
  }

  std::shared_ptr<const Model> model_;
  bool has_entities_ = false, has_relations_ = false;
  std::unique_ptr<Extractor> extractor_;
  GoldPass run_;
  Evaluation end_to_end_, on_gold_, from_gold_;
};

void ComplainOfStrangers(const std::vector<std::string>& missing, std::size_t missing_count,
                         const std::vector<std::string>& unmatched, const std::string& gold_path,
                         const std::string& path) {
  if (missing_count > 0) {
    Complain(std::to_string(missing_count) + " gold reports have no prediction in " + path + ": " +
             Names(missing, missing_count));
  }
  if (!unmatched.empty()) {
    Complain(std::to_string(unmatched.size()) + " predicted reports have an id that " + gold_path +
             " lacks: " + Names(unmatched, unmatched.size()));
  }
}

}  // namespace

EvalFigures EvaluateModel(const EvalOptions& options, const ModelOptions& model) {
  return ModelEvaluation(options, model).Finish();
}

EvalFigures EvaluatePredictions(const EvalOptions& options, const std::string& path) {
  Predictions predictions(path, options.read);
  GoldPass run(options);
  EvalFigures& figures = run.figures();
  const bool two_files = IsBratFile(options.gold) && IsBratFile(path);
  Evaluation evaluation;
  std::vector<std::string> missing;
  std::size_t without_relations = 0;
  bool have_certainty = false, have_confidences = true;
  for (GoldReport gold; run.Next(gold);) {
    const SourceDocument* found = two_files ? predictions.TakeOnly() : nullptr;
    if (found == nullptr) found = predictions.Take(gold);
    StructuredReport predicted;
    if (found == nullptr) {
      ++figures.missing;
      if (missing.size() < kMaxIdsNamed) missing.push_back(gold.id);
    } else if (!found->is_error) {
      if (!found->has_relations) ++without_relations;
      have_confidences = have_confidences && found->has_confidences;
      predicted = predictions.ReportOf(*found, gold.text);
    }
    evaluation.Add(gold.annotated, predicted);
    have_certainty = have_certainty || HasCertainty(predicted);
    ReportOutcome outcome;
    outcome.gold = &gold;
    outcome.predicted = &predicted;
    outcome.end_to_end = &evaluation.result().by_report.back();
    outcome.relations_end_to_end = predictions.have_relations();
    outcome.failed = found == nullptr || found->is_error;
    run.Offer(outcome);
  }
  ComplainOf(predictions.notes(), path);
  const std::vector<std::string> unmatched = predictions.NotTaken();
  ComplainOfStrangers(missing, figures.missing, unmatched, options.gold, path);
  figures.unmatched = unmatched.size();
  figures.end_to_end = evaluation.result();
  figures.relations_end_to_end = predictions.have_relations();
  figures.certainty_end_to_end = have_certainty;
  figures.has_confidences = have_confidences;
  if (predictions.have_relations() && without_relations > 0) {
    Complain(path + ": " + std::to_string(without_relations) +
             " predictions say nothing of relations and count as ones without any");
  }
  return run.Finish();
}

}  // namespace radie::tools
