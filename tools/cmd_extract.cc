// radie extract: reports in, findings out, as a stream.
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "tools/annotated_record.h"
#include "tools/commands.h"
#include "tools/encoding_options.h"
#include "tools/exit_codes.h"
#include "tools/extract_batch.h"
#include "tools/fhir_options.h"
#include "tools/folder_writer.h"
#include "tools/hl7_items.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"
#include "tools/model_options.h"
#include "tools/progress.h"
#include "tools/report_items.h"
#include "tools/report_writers.h"
#include "tools/term_files.h"

namespace radie::tools {
namespace {

enum class Offsets { kCodePoint, kUtf8, kUtf16, kSource };

struct ExtractCommand {
  std::vector<std::string> inputs;
  ModelOptions model;
  InputFormat input_format = InputFormat::kByExtension;
  OutputFormat format = OutputFormat::kByTerminal;
  Request::Stages stages = Request::Stages::kBoth;
  EncodingOptions encoding;
  Offsets offsets = Offsets::kCodePoint;
  bool include_text = false;
  std::string output_folder;  // empty: standard output
  std::vector<std::string> terms;
  double min_confidence = 0;
  FhirCommandOptions fhir;
  bool keep_patient_id = false;
  std::size_t cache_mib = 64;
};

// Bytes of the source are counted in its UTF-8 first, and mapped when they are written.
OffsetUnit UnitOf(Offsets offsets) {
  switch (offsets) {
    case Offsets::kSource:
    case Offsets::kUtf8:
      return OffsetUnit::kUtf8;
    case Offsets::kUtf16:
      return OffsetUnit::kUtf16;
    case Offsets::kCodePoint:
      break;
  }
  return OffsetUnit::kCodePoint;
}

class ExtractRun {
 public:
  ExtractRun(const ExtractCommand& command, BatchExtractor& batch, Progress& progress)
      : command_(command), batch_(batch), progress_(progress) {}

  int Run() {
    InputFiles files(command_.inputs, command_.input_format);
    bool some_failed = false, any = false;
    batch_.Begin();
    for (InputFile file; files.Next(file);) {
      any = true;
      try {
        ReadFile(file);
      } catch (const ExitError& error) {
        if (error.code() != kExitSomeFailed || writing_) throw;
        Complain(error.what());
        some_failed = true;
      }
    }
    Flush();
    batch_.End();
    if (!any) {
      Complain("no report there: folders are searched for *.txt, *.jsonl, *.ndjson and *.hl7");
      some_failed = true;
    }
    return some_failed || batch_.some_failed() ? kExitSomeFailed : kExitOk;
  }

 private:
  bool RelationsOnly() const { return command_.stages == Request::Stages::kRelationsOnly; }

  void ReadFile(const InputFile& input) {
    if (input.format != InputFormat::kJsonLines && RelationsOnly()) {
      throw ExitError(kExitUsage, input.id +
                                      ": --stage relations needs JSON Lines with \"entities\"; "
                                      "see --input-format");
    }
    OpenFile file(input.path);
    if (input.format == InputFormat::kText) {
      ReadText(input, file);
    } else if (input.format == InputFormat::kHl7) {
      ReadMessages(input, file);
    } else {
      ReadLines(file);
    }
  }

  // A huge file is not read in: it is refused for what was read of it.
  void ReadText(const InputFile& input, OpenFile& file) {
    const std::string bytes = ReadUpTo(file, EnoughBytes());
    bytes_ += bytes.size();
    Add(ItemFromText(bytes, input.id, command_.encoding, command_.offsets == Offsets::kSource));
  }

  void ReadMessages(const InputFile& input, OpenFile& file) {
    const bool replaces = command_.encoding.invalid == DecodeOptions::Invalid::kReplace;
    if (!command_.encoding.encoding || replaces || command_.offsets == Offsets::kSource) {
      throw ExitError(kExitUsage,
                      input.id +
                          ": HL7 messages do not go with --encoding detect, --on-invalid replace "
                          "or --offsets source");
    }
    Hl7Options options;
    if (command_.encoding.named) options.encoding = command_.encoding.encoding;
    options.keep_patient_id = command_.keep_patient_id;
    Hl7Splitter splitter(options.max_message_bytes);
    std::string bytes(std::size_t{1} << 16, '\0');
    for (std::size_t number = 0, size = 1; size > 0;) {
      if (!batch_.empty() && file.WouldWait()) Flush();
      size = file.Read(bytes.data(), bytes.size());
      bytes_ += size;
      splitter.Feed({bytes.data(), size}, size == 0);
      while (const std::optional<Hl7Message> message = splitter.Next()) {
        for (ExtractItem& item :
             ItemsFromHl7(*message, ++number, options, UnitOf(command_.offsets))) {
          Add(std::move(item));
        }
      }
    }
  }

  void ReadLines(OpenFile& file) {
    LineReader reader(file, kMaxLineBytes);
    const std::uint64_t before = bytes_;
    std::string line;
    for (;;) {
      // Whoever feeds us line by line waits for answers.
      if (!batch_.empty() && reader.WouldWait()) Flush();
      const LineReader::Result result = reader.Next(line);
      if (result == LineReader::Result::kEnd) return;
      bytes_ = before + reader.bytes_read();
      if (result == LineReader::Result::kTooLong) {
        Add(ItemOfLongLine(reader.line_number()));
      } else if (!IsBlank(line)) {
        Add(ItemFromLine(line, reader.line_number(), RelationsOnly(), UnitOf(command_.offsets)));
      }
    }
  }

  void Add(ExtractItem item) {
    writing_ = true;  // whatever is thrown in here is not the input's fault
    batch_.Add(std::move(item));
    writing_ = false;
    progress_.Show(batch_.written(), bytes_);
  }

  void Flush() {
    writing_ = true;
    batch_.Flush();
    writing_ = false;
    progress_.Show(batch_.written(), bytes_);
  }

  const ExtractCommand& command_;
  BatchExtractor& batch_;
  Progress& progress_;
  std::uint64_t bytes_ = 0;
  bool writing_ = false;
};

WriterSettings SettingsOf(const ExtractCommand& command, const Model& model) {
  const bool terminal = IsTerminal(STDOUT_FILENO);
  WriterSettings settings;
  settings.format = command.format;
  if (command.format == OutputFormat::kByTerminal)
    settings.format = terminal ? OutputFormat::kTable : OutputFormat::kJsonLines;
  settings.unit = UnitOf(command.offsets);
  settings.json = {settings.unit, command.include_text};
  settings.table.width = std::min<std::size_t>(TerminalWidth(), 120);
  const char* no_color = std::getenv("NO_COLOR");
  settings.table.color = terminal && (no_color == nullptr || *no_color == '\0');
  if (command.format == OutputFormat::kFhir)
    settings.fhir = FhirOptionsOf(command.fhir, model, command.model);
  return settings;
}

std::unique_ptr<ReportWriter> MakeWriter(const ExtractCommand& command, const Model& model) {
  if (command.output_folder.empty()) return MakeStreamWriter(SettingsOf(command, model));
  return MakeFolderWriter(command.output_folder, SettingsOf(command, model));
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
}

// A string in JSON Lines is UTF-8, and no stretch of the file. Told before anything is read.
void CheckEncoding(const ExtractCommand& command) {
  const char* option = ExcludesJsonLines(command.encoding);
  if (command.offsets == Offsets::kSource) option = "--offsets source";
  if (option != nullptr) RefuseJsonLines(command.inputs, command.input_format, option);
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
  const TermTable terms = LoadTerms(command.terms);
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  if (command.stages != Request::Stages::kRelationsOnly) RequireStage(*model, Stage::kEntities);
  if (command.stages != Request::Stages::kEntitiesOnly) RequireStage(*model, Stage::kRelations);
  ExtractorOptions options;
  options.min_confidence = command.min_confidence;
  options.cache_bytes = command.cache_mib << 20;
  const Extractor extractor = MakeExtractor(model, command.model, options);
  const std::unique_ptr<ReportWriter> writer = MakeWriter(command, *model);
  BatchExtractor batch(extractor, command.stages, command.terms.empty() ? nullptr : &terms, *writer,
                       StandardOutput());
  const bool show = Progress::Wanted();
  Progress progress(show, show ? TotalBytes(command.inputs, command.input_format) : 0);
  return ExtractRun(command, batch, progress).Run();
}

constexpr char kFooter[] =
    R"(Examples:
  radie extract report.txt                      findings as a table, on a terminal
  radie extract reports.jsonl > out.jsonl       {"id","text"} a line in, one record a line out
  radie extract reports/ 'more/*.txt' > out.jsonl
  cat report.txt | radie extract -
  radie extract --encoding cp932 --offsets source export.txt
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
  sub->add_option(
         "inputs", command->inputs,
         "Files, directories (searched for .txt, .jsonl, .ndjson, .hl7), globs, or - for standard "
         "input")
      ->type_name("INPUT");
  AddModelOption(*sub, command->model);
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"jsonl", OutputFormat::kJsonLines},
      {"html", OutputFormat::kHtml},   {"brat", OutputFormat::kBrat},
      {"conll", OutputFormat::kConll}, {"fhir", OutputFormat::kFhir}};
  sub->add_option("-f,--format", command->format,
                  "Output: table, jsonl, html, brat, conll or fhir (default: table on a terminal, "
                  "else jsonl)")
      ->transform(CLI::CheckedTransformer(kFormats).description(""))
      ->type_name("NAME");
  sub->add_option("-o,--output-dir", command->output_folder,
                  "Write html, brat or conll as files of this folder, named after the ids; none is "
                  "written over")
      ->type_name("DIR");
  static const std::map<std::string, InputFormat> kInputFormats = {
      {"text", InputFormat::kText}, {"jsonl", InputFormat::kJsonLines}, {"hl7", InputFormat::kHl7}};
  sub->add_option("--input-format", command->input_format,
                  "Input: text, jsonl or hl7 (default: by extension; text for standard input)")
      ->transform(CLI::CheckedTransformer(kInputFormats).description(""))
      ->type_name("NAME");
  AddEncodingOptions(*sub, command->encoding);
  static const std::map<std::string, Request::Stages> kStages = {
      {"both", Request::Stages::kBoth},
      {"entities", Request::Stages::kEntitiesOnly},
      {"relations", Request::Stages::kRelationsOnly}};
  sub->add_option("--stage", command->stages,
                  "Stages to run: both, entities or relations (default: both)")
      ->transform(CLI::CheckedTransformer(kStages).description(""))
      ->type_name("NAME");
  static const std::map<std::string, Offsets> kUnits = {{"codepoint", Offsets::kCodePoint},
                                                        {"utf8", Offsets::kUtf8},
                                                        {"utf16", Offsets::kUtf16},
                                                        {"source", Offsets::kSource}};
  sub->add_option("--offsets", command->offsets,
                  "Unit of offsets, in and out: codepoint (default), utf8, utf16, or, for text "
                  "files, source: bytes of the file's own encoding")
      ->transform(CLI::CheckedTransformer(kUnits).description(""))
      ->type_name("UNIT");
  sub->add_option("--min-confidence", command->min_confidence,
                  "Leave out entities and relations of less confidence, 0 to 1; each report's "
                  "warnings tell how many")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->type_name("P");
  sub->add_option("--terms", command->terms,
                  "Table of terms (TSV: term, code, preferred name, system) whose codes mentions "
                  "are given; may be repeated (docs/terms.md)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  sub->add_flag("--keep-patient-id", command->keep_patient_id,
                "Write the patient's identifier (PID-3) of HL7 messages into the record");
  AddFhirOptions(*sub, command->fhir);
  sub->add_flag("--include-text", command->include_text, "Write the report's text into its record");
  AddComputeOptions(*sub, command->model);
  sub->add_option(
         "--cache", command->cache_mib,
         "MiB in which to keep what was computed for sentences, windows and pairs, so that "
         "one that is met again is not computed again; results are the same; 0: none "
         "(default: 64)")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 20).description(""))
      ->type_name("MIB");
  sub->footer(std::string(kFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunExtract(*command); }; });
}

}  // namespace radie::tools
