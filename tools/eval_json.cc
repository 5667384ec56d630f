#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/eval_report.h"

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

ordered_json ScoreAsJson(const Score& score) {
  return {{"gold", score.gold},
          {"predicted", score.predicted},
          {"correct", score.correct},
          {"precision", Rounded(score.precision())},
          {"recall", Rounded(score.recall())},
          {"f1", Rounded(score.f1())}};
}

ordered_json IntervalAsJson(const Interval& interval) {
  return ordered_json::array({Rounded(interval.low), Rounded(interval.high)});
}

// `intervals` may be null: then none were asked for.
ordered_json ClassifiedAsJson(const ClassifiedScore& score, const ScoreIntervals* intervals) {
  ordered_json micro = ScoreAsJson(score.micro);
  if (intervals != nullptr) {
    micro["ci95"] = {{"precision", IntervalAsJson(intervals->precision)},
                     {"recall", IntervalAsJson(intervals->recall)},
                     {"f1", IntervalAsJson(intervals->f1)}};
  }
  ordered_json by_type = ordered_json::object();
  for (const auto& [type, of_type] : score.by_type) by_type[type] = ScoreAsJson(of_type);
  return {{"micro", micro}, {"by_type", by_type}};
}

double Share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : Rounded(double(part) / double(whole));
}

ordered_json CoverageAsJson(const Coverage& coverage) {
  const auto found = [](std::size_t part, std::size_t whole) {
    return ordered_json{{"found", part}, {"share", Share(part, whole)}};
  };
  return {{"entities",
           {{"gold", coverage.entities},
            {"strict", found(coverage.strict, coverage.entities)},
            {"overlapping", found(coverage.overlapping, coverage.entities)},
            {"overlapping_any_type", found(coverage.overlapping_any_type, coverage.entities)}}},
          {"characters",
           {{"gold", coverage.characters},
            {"same_type", found(coverage.characters_found, coverage.characters)},
            {"any_type", found(coverage.characters_any_type, coverage.characters)}}}};
}

template <typename Map>
ordered_json CountsAsJson(const Map& counts) {
  ordered_json object = ordered_json::object();
  for (const auto& [type, count] : counts) object[type] = count;
  return object;
}

ordered_json ConfusionAsJson(const Confusion& confusion) {
  ordered_json same_span = ordered_json::object();
  for (const auto& [gold, row] : confusion.same_span) same_span[gold] = CountsAsJson(row);
  return {{"same_span", same_span},
          {"missed", CountsAsJson(confusion.missed)},
          {"spurious", CountsAsJson(confusion.spurious)}};
}

ordered_json CalibrationAsJson(const Calibration& calibration) {
  ordered_json bins = ordered_json::array();
  for (const Calibration::Bin& bin : calibration.bins) {
    bins.push_back({{"count", bin.count},
                    {"confidence", Rounded(bin.confidence)},
                    {"accuracy", Rounded(bin.accuracy)}});
  }
  return {{"count", calibration.count},
          {"confidence", Rounded(calibration.confidence)},
          {"accuracy", Rounded(calibration.accuracy)},
          {"expected_error", Rounded(calibration.error)},
          {"log_loss", Rounded(calibration.log_loss)},
          {"bins", std::move(bins)}};
}

ordered_json CertaintyAsJson(const EvaluationResult& result, const ScoreIntervals* intervals) {
  ordered_json object = ClassifiedAsJson(result.certainty.scores, intervals);
  ordered_json classes = ordered_json::object();
  for (const auto& [gold, row] : result.certainty.classes) classes[gold] = CountsAsJson(row);
  object["classes"] = std::move(classes);
  return object;
}

ordered_json ErrorsAsJson(const ErrorCounts& errors) {
  return {{"missed", errors.missed}, {"spurious", errors.spurious}};
}

ordered_json EntitiesAsJson(const std::vector<WrongEntity>& entities) {
  ordered_json array = ordered_json::array();
  for (const WrongEntity& entity : entities) {
    array.push_back({{"type", entity.type},
                     {"start", entity.range.begin},
                     {"end", entity.range.end},
                     {"text", entity.text}});
  }
  return array;
}

ordered_json WorstAsJson(const std::vector<WorstReport>& reports) {
  ordered_json array = ordered_json::array();
  for (const WorstReport& report : reports) {
    ordered_json object = {{"id", report.id}, {"failed", report.failed}, {"errors", report.errors}};
    if (report.entities) object["entities"] = ErrorsAsJson(*report.entities);
    if (report.relations_two_stage)
      object["relations_two_stage"] = ErrorsAsJson(*report.relations_two_stage);
    if (report.relations_on_gold)
      object["relations_on_gold_entities"] = ErrorsAsJson(*report.relations_on_gold);
    if (report.text) {
      object["text"] = report.text->text;
      object["missed_entities"] = EntitiesAsJson(report.text->missed);
      object["spurious_entities"] = EntitiesAsJson(report.text->spurious);
    }
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace

std::string FiguresAsJson(const EvalFigures& figures) {
  ordered_json root = {{"reports", figures.reports},
                       {"failed", figures.failed},
                       {"missing", figures.missing},
                       {"unmatched", figures.unmatched}};
  const bool sure = figures.bootstrap.has_value();
  const auto with = [&](const ScoreIntervals& intervals) { return sure ? &intervals : nullptr; };
  if (sure) {
    root["bootstrap"] = {{"resamples", figures.bootstrap->resamples},
                         {"seed", figures.bootstrap->seed}};
  }
  if (figures.end_to_end) {
    const EvaluationResult& result = *figures.end_to_end;
    const EvaluationIntervals& intervals = figures.end_to_end_intervals;
    ordered_json tags = ClassifiedAsJson(result.entities_tags, with(intervals.entities_tags));
    tags["untagged"] = {{"gold", result.untagged_gold}, {"predicted", result.untagged_predicted}};
    root["entities"] = {
        {"strict", ClassifiedAsJson(result.entities_strict, with(intervals.entities_strict))},
        {"boundary", ClassifiedAsJson(result.entities_boundary, with(intervals.entities_boundary))},
        {"seqeval_default", std::move(tags)},
        {"coverage", CoverageAsJson(result.coverage)},
        {"confusion", ConfusionAsJson(result.confusion)}};
  }
  const auto relations = [&](const EvaluationResult& result, const EvaluationIntervals& intervals) {
    return ordered_json{
        {"strict", ClassifiedAsJson(result.relations_strict, with(intervals.relations_strict))},
        {"boundary",
         ClassifiedAsJson(result.relations_boundary, with(intervals.relations_boundary))}};
  };
  if (figures.on_gold_entities) {
    root["relations_on_gold_entities"] =
        relations(*figures.on_gold_entities, figures.on_gold_intervals);
  }
  if (figures.relations_end_to_end)
    root["relations_two_stage"] = relations(*figures.end_to_end, figures.end_to_end_intervals);
  ordered_json calibration = ordered_json::object();
  for (const StageConfidences& stage : ConfidencesOf(figures))
    calibration[stage.key] = CalibrationAsJson(MeasureCalibration(*stage.judged));
  if (!calibration.empty()) root["calibration"] = std::move(calibration);
  ordered_json certainty = ordered_json::object();
  if (figures.from_gold) {
    certainty["from_gold_annotations"] =
        CertaintyAsJson(*figures.from_gold, with(figures.from_gold_intervals.certainty));
  }
  if (figures.gold_has_certainty && figures.on_gold_entities) {
    certainty["on_gold_entities"] =
        CertaintyAsJson(*figures.on_gold_entities, with(figures.on_gold_intervals.certainty));
  }
  if (figures.certainty_end_to_end) {
    certainty["two_stage"] =
        CertaintyAsJson(*figures.end_to_end, with(figures.end_to_end_intervals.certainty));
  }
  if (!certainty.empty()) root["certainty"] = std::move(certainty);
  if (figures.worst) root["worst"] = WorstAsJson(*figures.worst);
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace radie::tools
