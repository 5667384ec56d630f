#include "tools/eval_grids.h"

#include <cstdio>
#include <set>
#include <utility>

namespace radie::tools {
namespace {

std::string Figure(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.4f", value);
  return digits;
}

std::string Count(std::size_t value) { return std::to_string(value); }

class ScoreGrid {
 public:
  explicit ScoreGrid(bool intervals) : intervals_(intervals) {
    grid_.header = {"", "gold", "predicted", "correct", "precision", "recall", "F1"};
    if (intervals_) grid_.header.push_back("95 % of F1");
  }

  void Add(const std::string& title, const ClassifiedScore& score, const ScoreIntervals& sure) {
    AddMicro(title, score, sure);
    for (const auto& [type, of_type] : score.by_type) AddRow({"", type, true, {}}, of_type, "");
  }

  void AddMicro(const std::string& title, const ClassifiedScore& score,
                const ScoreIntervals& sure) {
    AddRow({title, "", false, {}}, score.micro, Figure(sure.f1.low) + " - " + Figure(sure.f1.high));
  }

  Grid Take() { return std::move(grid_); }

 private:
  void AddRow(GridRow row, const Score& score, const std::string& interval) {
    row.figures = {Count(score.gold),         Count(score.predicted), Count(score.correct),
                   Figure(score.precision()), Figure(score.recall()), Figure(score.f1())};
    if (intervals_) row.figures.push_back(interval);
    grid_.rows.push_back(std::move(row));
  }

  bool intervals_;
  Grid grid_;
};

Grid ScoresOf(const EvalFigures& figures) {
  ScoreGrid grid(figures.bootstrap.has_value());
  if (figures.end_to_end) {
    const EvaluationResult& result = *figures.end_to_end;
    const EvaluationIntervals& sure = figures.end_to_end_intervals;
    grid.Add("Entities, strict", result.entities_strict, sure.entities_strict);
    grid.Add("Entities, boundary", result.entities_boundary, sure.entities_boundary);
    grid.AddMicro("Entities, seqeval default", result.entities_tags, sure.entities_tags);
  }
  if (figures.on_gold_entities) {
    grid.Add("Relations on gold entities", figures.on_gold_entities->relations_strict,
             figures.on_gold_intervals.relations_strict);
  }
  if (figures.relations_end_to_end) {
    const EvaluationIntervals& sure = figures.end_to_end_intervals;
    grid.Add("Relations, two-stage, strict", figures.end_to_end->relations_strict,
             sure.relations_strict);
    grid.Add("Relations, two-stage, boundary", figures.end_to_end->relations_boundary,
             sure.relations_boundary);
  }
  if (figures.from_gold) {
    grid.Add("Certainty from gold annotations", figures.from_gold->certainty.scores,
             figures.from_gold_intervals.certainty);
  }
  if (figures.gold_has_certainty && figures.on_gold_entities) {
    grid.Add("Certainty on gold entities", figures.on_gold_entities->certainty.scores,
             figures.on_gold_intervals.certainty);
  }
  if (figures.certainty_end_to_end) {
    grid.Add("Certainty, two-stage", figures.end_to_end->certainty.scores,
             figures.end_to_end_intervals.certainty);
  }
  return grid.Take();
}

Grid CoverageOf(const Coverage& coverage) {
  Grid grid = {"Coverage of what is annotated", {"", "gold", "found", "share"}, {}};
  const auto add = [&](const std::string& title, std::size_t part, std::size_t whole) {
    const double share = whole == 0 ? 0.0 : double(part) / double(whole);
    grid.rows.push_back({title, "", false, {Count(whole), Count(part), Figure(share)}});
  };
  add("Entities, same span and type", coverage.strict, coverage.entities);
  add("Entities, overlapping, same type", coverage.overlapping, coverage.entities);
  add("Entities, overlapping, any type", coverage.overlapping_any_type, coverage.entities);
  add("Characters, same type", coverage.characters_found, coverage.characters);
  add("Characters, any type", coverage.characters_any_type, coverage.characters);
  return grid;
}

std::string CountIn(const std::map<std::string, std::size_t>& counts, const std::string& type) {
  const auto found = counts.find(type);
  return Count(found == counts.end() ? 0 : found->second);
}

// Columns are numbered like the rows: the names would not fit side by side.
Grid ConfusionOf(const Confusion& confusion) {
  std::set<std::string> types;
  for (const auto& [gold, row] : confusion.same_span) {
    types.insert(gold);
    for (const auto& [predicted, count] : row) types.insert(predicted);
  }
  for (const auto& [type, count] : confusion.missed) types.insert(type);
  for (const auto& [type, count] : confusion.spurious) types.insert(type);

  Grid grid = {"Entity types of equal spans: gold down, predicted across", {""}, {}};
  GridRow spurious = {"spurious", "", false, {}};
  for (const std::string& gold : types) {
    const std::string number = std::to_string(grid.rows.size() + 1);
    grid.header.push_back(number);
    GridRow row = {number, gold, false, {}};
    const auto found = confusion.same_span.find(gold);
    for (const std::string& predicted : types)
      row.figures.push_back(found == confusion.same_span.end() ? "0"
                                                               : CountIn(found->second, predicted));
    row.figures.push_back(CountIn(confusion.missed, gold));
    grid.rows.push_back(std::move(row));
    spurious.figures.push_back(CountIn(confusion.spurious, gold));
  }
  grid.header.push_back("missed");
  spurious.figures.emplace_back();
  grid.rows.push_back(std::move(spurious));
  return grid;
}

Grid CalibrationOf(const EvalFigures& figures) {
  Grid grid = {"Confidence against what was right",
               {"", "predicted", "mean confidence", "right", "calibration error", "log loss"},
               {}};
  for (const StageConfidences& stage : ConfidencesOf(figures)) {
    const Calibration found = MeasureCalibration(*stage.judged);
    grid.rows.push_back({stage.title,
                         "",
                         false,
                         {Count(found.count), Figure(found.confidence), Figure(found.accuracy),
                          Figure(found.error), Figure(found.log_loss)}});
  }
  return grid;
}

// Gold classes down, predicted ones across, from the surest on.
Grid ClassesOf(const std::string& title, const CertaintyScores& certainty) {
  constexpr CertaintyClass kClasses[] = {CertaintyClass::kDefinite, CertaintyClass::kLikely,
                                         CertaintyClass::kMayRepresent, CertaintyClass::kUnlikely,
                                         CertaintyClass::kDenial};
  Grid grid = {title, {""}, {}};
  for (const CertaintyClass predicted : kClasses)
    grid.header.emplace_back(CertaintyName(predicted));
  grid.header.emplace_back("not found");
  for (const CertaintyClass expected : kClasses) {
    const std::string gold(CertaintyName(expected));
    const auto of_class = certainty.scores.by_type.find(gold);
    std::size_t missed = of_class == certainty.scores.by_type.end() ? 0 : of_class->second.gold;
    GridRow row = {gold, "", false, {}};
    const auto found = certainty.classes.find(gold);
    for (const CertaintyClass predicted : kClasses) {
      const std::string name(CertaintyName(predicted));
      std::size_t count = 0;
      if (found != certainty.classes.end() && found->second.count(name) > 0)
        count = found->second.at(name);
      missed -= count;
      row.figures.push_back(Count(count));
    }
    row.figures.push_back(Count(missed));
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

Grid WorstOf(const std::vector<WorstReport>& reports) {
  Grid grid = {"Reports with the most errors", {""}, {}};
  const std::pair<const char*, std::optional<ErrorCounts> WorstReport::*> kColumns[] = {
      {"entities", &WorstReport::entities},
      {"two-stage relations", &WorstReport::relations_two_stage},
      {"relations on gold", &WorstReport::relations_on_gold}};
  for (const auto& [name, member] : kColumns) {
    grid.header.push_back(std::string(name) + " missed");
    grid.header.push_back("spurious");
  }
  for (const WorstReport& report : reports) {
    GridRow row = {report.id + (report.failed ? " (failed or missing)" : ""), "", false, {}};
    for (const auto& [name, member] : kColumns) {
      const std::optional<ErrorCounts>& errors = report.*member;
      row.figures.push_back(errors ? Count(errors->missed) : "");
      row.figures.push_back(errors ? Count(errors->spurious) : "");
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

}  // namespace

std::vector<std::string> GridRow::Cells(const char* indent) const {
  std::string title = set_in ? indent + name : name;
  if (!name.empty() && !type.empty()) title += ' ';
  std::vector<std::string> cells = {title + type};
  cells.insert(cells.end(), figures.begin(), figures.end());
  return cells;
}

std::string SummaryOf(const EvalFigures& figures) {
  std::string out = Count(figures.reports) + (figures.reports == 1 ? " report" : " reports");
  if (figures.failed > 0)
    out += ", " + Count(figures.failed) + " of them failed or missing and counted as empty";
  if (figures.unmatched > 0)
    out += "; " + Count(figures.unmatched) + " predictions without a gold report left out";
  return out;
}

std::vector<Grid> GridsOf(const EvalFigures& figures) {
  std::vector<Grid> grids = {ScoresOf(figures)};
  if (figures.end_to_end) {
    grids.push_back(CoverageOf(figures.end_to_end->coverage));
    grids.push_back(ConfusionOf(figures.end_to_end->confusion));
  }
  if (Grid calibration = CalibrationOf(figures); !calibration.rows.empty())
    grids.push_back(std::move(calibration));
  const std::string across = ": gold down, predicted across";
  if (figures.from_gold)
    grids.push_back(
        ClassesOf("Certainty from gold annotations" + across, figures.from_gold->certainty));
  if (figures.gold_has_certainty && figures.on_gold_entities)
    grids.push_back(
        ClassesOf("Certainty on gold entities" + across, figures.on_gold_entities->certainty));
  if (figures.certainty_end_to_end)
    grids.push_back(ClassesOf("Certainty, two-stage" + across, figures.end_to_end->certainty));
  if (figures.worst) grids.push_back(WorstOf(*figures.worst));
  return grids;
}

}  // namespace radie::tools
