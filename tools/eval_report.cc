#include "tools/eval_report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

void AppendRow(std::string& out, const std::string& name, const Score& score) {
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%8zu %9zu %8zu %10.4f %7.4f %7.4f", score.gold,
                score.predicted, score.correct, score.precision(), score.recall(), score.f1());
  constexpr std::size_t kNameWidth = 40;
  out += name;
  if (name.size() < kNameWidth) out.append(kNameWidth - name.size(), ' ');
  out += numbers;
  out += '\n';
}

void AppendSection(std::string& out, const std::string& title, const ClassifiedScore& score) {
  out += '\n';
  AppendRow(out, title, score.micro);
  for (const auto& [type, of_type] : score.by_type) AppendRow(out, "  " + type, of_type);
}

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

ordered_json ScoreAsJson(const Score& score) {
  return {{"gold", score.gold},
          {"predicted", score.predicted},
          {"correct", score.correct},
          {"precision", Rounded(score.precision())},
          {"recall", Rounded(score.recall())},
          {"f1", Rounded(score.f1())}};
}

ordered_json ClassifiedAsJson(const ClassifiedScore& score) {
  ordered_json by_type = ordered_json::object();
  for (const auto& [type, of_type] : score.by_type) by_type[type] = ScoreAsJson(of_type);
  return {{"micro", ScoreAsJson(score.micro)}, {"by_type", by_type}};
}

ordered_json BothAsJson(const ClassifiedScore& strict, const ClassifiedScore& boundary) {
  return {{"strict", ClassifiedAsJson(strict)}, {"boundary", ClassifiedAsJson(boundary)}};
}

}  // namespace

std::string FiguresAsTable(const EvalFigures& figures) {
  std::string out =
      std::to_string(figures.reports) + (figures.reports == 1 ? " report" : " reports");
  if (figures.failed > 0) {
    out +=
        ", " + std::to_string(figures.failed) + " of them failed or missing and counted as empty";
  }
  out +=
      "\n\n                                            gold predicted  correct  precision  recall  "
      "    F1\n";
  if (figures.end_to_end) {
    AppendSection(out, "Entities, strict", figures.end_to_end->entities_strict);
    AppendSection(out, "Entities, boundary", figures.end_to_end->entities_boundary);
  }
  if (figures.on_gold_entities) {
    AppendSection(out, "Relations on gold entities", figures.on_gold_entities->relations_strict);
  }
  if (figures.relations_end_to_end) {
    AppendSection(out, "Relations, two-stage, strict", figures.end_to_end->relations_strict);
    AppendSection(out, "Relations, two-stage, boundary", figures.end_to_end->relations_boundary);
  }
  return out;
}

std::string FiguresAsJson(const EvalFigures& figures) {
  ordered_json root = {{"reports", figures.reports}, {"failed", figures.failed}};
  if (figures.end_to_end) {
    root["entities"] =
        BothAsJson(figures.end_to_end->entities_strict, figures.end_to_end->entities_boundary);
  }
  if (figures.on_gold_entities) {
    root["relations_on_gold_entities"] = BothAsJson(figures.on_gold_entities->relations_strict,
                                                    figures.on_gold_entities->relations_boundary);
  }
  if (figures.relations_end_to_end) {
    root["relations_two_stage"] =
        BothAsJson(figures.end_to_end->relations_strict, figures.end_to_end->relations_boundary);
  }
  return root.dump(2) + "\n";
}

}  // namespace radie::tools
