// radie eval: a model, or predictions, against annotated reports.
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "tools/commands.h"
#include "tools/eval_curves.h"
#include "tools/eval_page.h"
#include "tools/eval_report.h"
#include "tools/eval_run.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

struct EvalCommand {
  std::string gold, predictions;
  ModelOptions model;
  std::string format = "table";
  std::string html;
  bool json = false;
  std::size_t resamples = BootstrapOptions{}.resamples;
  std::uint64_t seed = BootstrapOptions{}.seed;
  std::size_t worst = 0;
  bool show_text = false;
  std::string curves;
  bool repair_tags = false;
};

void CheckUsage(const EvalCommand& command) {
  if (!command.predictions.empty() && !command.model.path.empty())
    throw ExitError(kExitUsage, "give either predictions or --model, not both");
  if (command.predictions == "-" && command.gold == "-")
    throw ExitError(kExitUsage, "only one of gold and predictions can come from standard input");
  if (command.json && command.format != "table" && command.format != "json")
    throw ExitError(kExitUsage, "--json contradicts --format " + command.format);
  for (const std::string* input : {&command.gold, &command.predictions}) {
    std::error_code none_there;
    if (!command.html.empty() && std::filesystem::equivalent(command.html, *input, none_there)) {
      throw ExitError(kExitUsage, "--html " + command.html + ": this file is read");
    }
  }
  if (command.show_text && command.worst == 0)
    throw ExitError(kExitUsage, "--show-text shows the reports of --worst N: say how many");
}

EvalOptions OptionsOf(const EvalCommand& command) {
  EvalOptions options;
  options.gold = command.gold;
  options.read.repair_tags = command.repair_tags;
  if (command.resamples > 0) options.bootstrap = {command.resamples, command.seed, 0.95};
  if (command.worst > 0) options.worst = command.worst;
  options.show_text = command.show_text;
  return options;
}

int RunEval(const EvalCommand& command) {
  CheckUsage(command);
  EvalOptions options = OptionsOf(command);
  EvalPage page(options.worst);
  std::optional<PageFile> file;
  if (!command.html.empty()) {
    file.emplace(command.html);
    options.page = &page;
  }
  const EvalFigures figures = command.predictions.empty()
                                  ? EvaluateModel(options, command.model)
                                  : EvaluatePredictions(options, command.predictions);
  if (file) file->Write(page.Take(figures));
  if (command.json || command.format == "json") {
    StandardOutput().Write(FiguresAsJson(figures));
  } else if (command.format == "markdown") {
    StandardOutput().Write(FiguresAsMarkdown(figures));
  } else {
    StandardOutput().Write(FiguresAsTable(figures));
  }
  if (!command.curves.empty()) WriteCurves(figures, command.curves);
  return figures.failed > 0 ? kExitSomeFailed : kExitOk;
}

constexpr char kEvalFooter[] =
    R"(Examples:
  radie eval gold.jsonl                         the default model
  radie eval gold.jsonl --model my.radie --format json
  radie eval gold.jsonl out.jsonl               what `radie extract` wrote, or another system in its format
  radie eval annotated/ predicted/              folders of brat's .ann and .txt, CoNLL or JSON Lines
  radie eval gold.jsonl --worst 10              which reports went wrong
  radie eval gold.jsonl --html page.html        gold against prediction, report by report, for a browser

Gold lines: {"id","text","entities":[{"id","type","start","end"}],"relations":[{"type","head","tail"}]},
offsets in code points. Figures and formats are defined in docs/evaluation.md.
)";

void AddFiles(CLI::App& sub, EvalCommand& command) {
  sub.add_option("gold", command.gold,
                 "Annotated reports: JSON Lines, .ann (brat), .conll, or a folder of them")
      ->required()
      ->type_name("GOLD");
  sub.add_option("predictions", command.predictions,
                 "Predictions in any of these formats, matched by id (default: run a model)")
      ->type_name("PRED");
  sub.add_flag("--repair-tags", command.repair_tags,
               "CoNLL: an I- tag that continues nothing begins an entity, as in conlleval");
}

void AddOutput(CLI::App& sub, EvalCommand& command) {
  sub.add_option("--format", command.format, "table, json or markdown")
      ->check(CLI::IsMember({"table", "json", "markdown"}))
      ->capture_default_str();
  sub.add_flag("--json", command.json, "Same as --format json");
  sub.add_option("--worst", command.worst, "Name the N reports with the most errors")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  sub.add_flag("--show-text", command.show_text,
               "With --worst: print these reports' text and wrong entities");
  sub.add_option("--html", command.html,
                 "Also write a page with gold against prediction, the worst reports first (all, or "
                 "those of --worst); it holds the reports' text")
      ->type_name("FILE");
  sub.add_option("--curves", command.curves,
                 "Draw confidence against accuracy, and precision against recall, as SVG")
      ->type_name("FILE.svg");
  sub.add_option("--resamples", command.resamples,
                 "Bootstrap resamples for the 95 % intervals; 0: no intervals")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  sub.add_option("--seed", command.seed, "Seed of the resamples")
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void AddEval(CLI::App& app, Run& run) {
  auto command = std::make_shared<EvalCommand>();
  CLI::App* sub =
      app.add_subcommand("eval", "Measure a model or predictions against annotated reports");
  AddFiles(*sub, *command);
  AddModelOption(*sub, command->model);
  AddOutput(*sub, *command);
  AddComputeOptions(*sub, command->model);
  sub->footer(std::string(kEvalFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunEval(*command); }; });
}

}  // namespace radie::tools
