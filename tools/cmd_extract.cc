// radie extract: reports in, findings out, as a stream.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/extract_batch.h"
#include "tools/extract_command.h"
#include "tools/extract_run.h"
#include "tools/folder_writer.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/resumable_run.h"
#include "tools/run_file.h"
#include "tools/term_files.h"

namespace radie::tools {
namespace {

WriterSettings SettingsOf(const ExtractCommand& command, const Model& model) {
  const bool terminal = IsTerminal(STDOUT_FILENO);
  WriterSettings settings;
  settings.format = command.format;
  if (command.format == OutputFormat::kByTerminal)
    settings.format =
        terminal && command.output.empty() ? OutputFormat::kTable : OutputFormat::kJsonLines;
  settings.unit = UnitOf(command.offsets);
  settings.json = {settings.unit, command.include_text};
  settings.table.width = std::min<std::size_t>(TerminalWidth(), 120);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): options are read before there are threads
  const char* no_color = std::getenv("NO_COLOR");
  settings.table.color = terminal && (no_color == nullptr || *no_color == '\0');
  if (command.format == OutputFormat::kFhir)
    settings.fhir = FhirOptionsOf(command.fhir, model, command.model);
  return settings;
}

std::unique_ptr<ReportWriter> MakeWriter(const ExtractCommand& command,
                                         const WriterSettings& settings) {
  if (command.output_folder.empty()) return MakeStreamWriter(settings);
  return MakeFolderWriter(command.output_folder, settings);
}

// Only records of one line each can be counted in a file again.
void CheckOutputFile(const ExtractCommand& command) {
  const bool has_lines = command.format == OutputFormat::kByTerminal ||
                         command.format == OutputFormat::kJsonLines ||
                         command.format == OutputFormat::kFhir;
  if (command.output.empty() && command.resume)
    throw ExitError(kExitUsage, "--resume goes with --output");
  if (!command.output.empty() && !has_lines)
    throw ExitError(kExitUsage, "--output goes with --format jsonl and fhir");
  if (command.resume && command.format == OutputFormat::kFhir && command.fhir.recorded.empty())
    throw ExitError(
        kExitUsage,
        "--resume with --format fhir needs --fhir-recorded: the instant is in every record");
}

void CheckUsage(const ExtractCommand& command) {
  const bool has_files = command.format == OutputFormat::kHtml ||
                         command.format == OutputFormat::kBrat ||
                         command.format == OutputFormat::kConll;
  if (!command.output_folder.empty() && !has_files)
    throw ExitError(kExitUsage, "--output-dir goes with --format html, brat or conll");
  if (command.fhir.given() && command.format != OutputFormat::kFhir)
    throw ExitError(kExitUsage,
                    "--fhir-bundle, --fhir-subject and --fhir-recorded go with --format fhir");
  if (command.offsets == Offsets::kSource && command.format == OutputFormat::kConll)
    throw ExitError(kExitUsage, "--offsets source does not go with --format conll");
  CheckOutputFile(command);
}

// A string in JSON Lines is UTF-8, and no stretch of the file. Told before anything is read.
void CheckEncoding(const ExtractCommand& command) {
  const char* option = ExcludesJsonLines(command.encoding);
  if (command.offsets == Offsets::kSource) option = "--offsets source";
  if (option != nullptr) RefuseJsonLines(command.inputs, command.input_format, option);
}

// A folder that is searched may hold the output. Told before anything is read.
void RefuseOutputAsInput(const ExtractCommand& command) {
  const std::optional<FileIdentity> written = WrittenBy(command);
  if (!written) return;
  InputFiles files(command.inputs, command.input_format, written);
  for (InputFile file; files.Next(file);) {
  }
}

// Of an output that the run has made, which a search could not meet before: it is taken away again.
void RefuseNewOutputAsInput(const ExtractCommand& command) {
  try {
    RefuseOutputAsInput(command);
  } catch (const ExitError&) {
    std::error_code ignored;
    if (command.output.empty()) {
      std::filesystem::remove(command.output_folder, ignored);
    } else {
      std::filesystem::remove(ManifestPath(command.output), ignored);
      std::filesystem::remove(command.output, ignored);
    }
    throw;
  }
}

int RunExtract(ExtractCommand& command) {
  CheckUsage(command);
  if (command.inputs.empty()) {
    if (IsTerminal(STDIN_FILENO)) {
      throw ExitError(
          kExitUsage,
          "nothing to read: name files, or - for standard input (radie extract --help)");
    }
    command.inputs = {"-"};
  }
  CheckEncoding(command);
  const bool output_is_new = !WrittenBy(command);
  RefuseOutputAsInput(command);
  const TermTable terms = LoadTerms(command.terms);
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  if (command.stages != Request::Stages::kRelationsOnly) RequireStage(*model, Stage::kEntities);
  if (command.stages != Request::Stages::kEntitiesOnly) RequireStage(*model, Stage::kRelations);
  ExtractorOptions options;
  options.min_confidence = command.min_confidence;
  options.cache_bytes = command.cache_mib << 20;
  const Extractor extractor = MakeExtractor(model, command.model, options);
  const WriterSettings settings = SettingsOf(command, *model);
  const std::unique_ptr<ReportWriter> writer = MakeWriter(command, settings);
  std::optional<RunFile> file;
  std::optional<ResumableRun> resumable;
  if (!command.output.empty()) {
    file.emplace(command.output, command.resume, RunSettingsOf(command, *model, settings));
    resumable.emplace(*file, std::chrono::duration<double>(command.checkpoint_seconds));
  }
  if (output_is_new) RefuseNewOutputAsInput(command);
  BatchExtractor batch(extractor, command.stages, command.terms.empty() ? nullptr : &terms, *writer,
                       file ? file->output() : StandardOutput());
  const bool show = Progress::Wanted();
  Progress progress(show, show ? TotalBytes(command.inputs, command.input_format) : 0);
  return ExtractRun(command, batch, resumable ? &*resumable : nullptr, progress).Run();
}

constexpr char kExtractFooter[] =
    R"(Examples:
  radie extract report.txt                      findings as a table, on a terminal
  radie extract reports.jsonl > out.jsonl       {"id","text"} a line in, one record a line out
  radie extract reports/ 'more/*.txt' > out.jsonl
  cat report.txt | radie extract -
  radie extract --encoding cp932 --offsets source export.txt
  radie extract --output out.jsonl --resume archive.jsonl.zst   goes on where it was stopped
  radie extract --shard 3/16 --output out.3.jsonl archive/      one job of sixteen
  radie extract --format html reports/ > page.html  a page to look at in a browser
  radie extract --format brat --output-dir brat/ reports/
  radie extract --format fhir reports/ > bundles.ndjson  a FHIR R4 Bundle a line
  radie extract --stage relations annotated.jsonl   relate the "entities" that the lines bring

A text file is one report and its name is the id. A line that fails gives an error record in its place.
The records are described in docs/output.md.
)";

}  // namespace

void AddExtract(CLI::App& app, Run& run) {
  auto command = std::make_shared<ExtractCommand>();
  CLI::App* sub = app.add_subcommand("extract", "Extract findings from reports");
  AddExtractOptions(*sub, *command);
  sub->footer(std::string(kExtractFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunExtract(*command); }; });
}

}  // namespace radie::tools
