#include "tools/extract_command.h"

#include <unistd.h>

#include <charconv>
#include <map>

#include "radie/version.h"
#include "tools/exit_codes.h"
#include "tools/file_sha256.h"

namespace radie::tools {
namespace {

const std::map<std::string, OutputFormat>& Formats() {
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"jsonl", OutputFormat::kJsonLines},
      {"html", OutputFormat::kHtml},   {"brat", OutputFormat::kBrat},
      {"conll", OutputFormat::kConll}, {"fhir", OutputFormat::kFhir}};
  return kFormats;
}

const std::map<std::string, InputFormat>& InputFormats() {
  static const std::map<std::string, InputFormat> kInputFormats = {
      {"text", InputFormat::kText}, {"jsonl", InputFormat::kJsonLines}, {"hl7", InputFormat::kHl7}};
  return kInputFormats;
}

const std::map<std::string, Request::Stages>& StagesByName() {
  static const std::map<std::string, Request::Stages> kStages = {
      {"both", Request::Stages::kBoth},
      {"entities", Request::Stages::kEntitiesOnly},
      {"relations", Request::Stages::kRelationsOnly}};
  return kStages;
}

const std::map<std::string, Offsets>& Units() {
  static const std::map<std::string, Offsets> kUnits = {{"codepoint", Offsets::kCodePoint},
                                                        {"utf8", Offsets::kUtf8},
                                                        {"utf16", Offsets::kUtf16},
                                                        {"source", Offsets::kSource}};
  return kUnits;
}

template <typename Value>
std::string NameIn(const std::map<std::string, Value>& names, Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "auto";
}

std::string YesOrNo(bool yes) { return yes ? "yes" : "no"; }

// Every digit that tells it from its neighbours.
std::string NumberText(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string EncodingGiven(const EncodingOptions& options) {
  if (!options.named && options.encoding == Encoding::kUtf8) return "";
  return options.encoding ? std::string(EncodingName(*options.encoding)) : "detect";
}

std::string Shas(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) all += (all.empty() ? "" : " ") + FileSha256(path);
  return all;
}

std::string Precisions(const ModelInfo& info) {
  std::string all;
  for (const StageInfo& stage : info.stages) all += (all.empty() ? "" : " ") + stage.precision;
  return all;
}

void AddOutputOptions(CLI::App& sub, ExtractCommand& command) {
  sub.add_option("inputs", command.inputs,
                 "Files, directories (searched for .txt, .jsonl, .ndjson, .hl7, each with .gz or "
                 ".zst behind it or not), globs, or - for standard input")
      ->type_name("INPUT");
  AddModelOption(sub, command.model);
  sub.add_option("-f,--format", command.format,
                 "Output: table, jsonl, html, brat, conll or fhir (default: table on a terminal, "
                 "else jsonl)")
      ->transform(CLI::CheckedTransformer(Formats()).description(""))
      ->type_name("NAME");
  sub.add_option("-o,--output-dir", command.output_folder,
                 "Write html, brat or conll as files of this folder, named after the ids; none is "
                 "written over")
      ->type_name("DIR");
  sub.add_option("--output", command.output,
                 "Write jsonl or fhir into this file, whole lines only, with a manifest beside it "
                 "(FILE.manifest.json); it must not be there yet (docs/reliability.md)")
      ->type_name("FILE");
  sub.add_flag(
      "--resume", command.resume,
      "Go on with the --output of a run that was stopped, whatever stopped it; refused when "
      "model, options or input are others. Begins the file when it is not there");
  sub.add_option("--checkpoint", command.checkpoint_seconds,
                 "With --output: at most so many seconds of work are done again after a stop "
                 "(default: 5)")
      ->check(CLI::Range(0.0, 86400.0).description(""))
      ->type_name("SECONDS");
  AddShardOption(sub, command.shard);
}

void AddReadingOptions(CLI::App& sub, ExtractCommand& command) {
  sub.add_option("--input-format", command.input_format,
                 "Input: text, jsonl or hl7 (default: by extension; text for standard input)")
      ->transform(CLI::CheckedTransformer(InputFormats()).description(""))
      ->type_name("NAME");
  AddEncodingOptions(sub, command.encoding);
  sub.add_option("--stage", command.stages,
                 "Stages to run: both, entities or relations (default: both)")
      ->transform(CLI::CheckedTransformer(StagesByName()).description(""))
      ->type_name("NAME");
  sub.add_option("--offsets", command.offsets,
                 "Unit of offsets, in and out: codepoint (default), utf8, utf16, or, for text "
                 "files, source: bytes of the file's own encoding")
      ->transform(CLI::CheckedTransformer(Units()).description(""))
      ->type_name("UNIT");
}

void AddResultOptions(CLI::App& sub, ExtractCommand& command) {
  sub.add_option("--min-confidence", command.min_confidence,
                 "Leave out entities and relations of less confidence, 0 to 1; each report's "
                 "warnings tell how many")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->type_name("P");
  sub.add_option("--terms", command.terms,
                 "Table of terms (TSV: term, code, preferred name, system) whose codes mentions "
                 "are given; may be repeated (docs/terms.md)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  sub.add_flag("--keep-patient-id", command.keep_patient_id,
               "Write the patient's identifier (PID-3) of HL7 messages into the record");
  AddFhirOptions(sub, command.fhir);
  sub.add_flag("--include-text", command.include_text, "Write the report's text into its record");
  AddComputeOptions(sub, command.model);
  sub.add_option("--cache", command.cache_mib,
                 "MiB in which to keep what was computed for sentences, windows and pairs, so that "
                 "one that is met again is not computed again; results are the same; 0: none "
                 "(default: 64)")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 20).description(""))
      ->type_name("MIB");
}

}  // namespace

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

void AddExtractOptions(CLI::App& sub, ExtractCommand& command) {
  AddOutputOptions(sub, command);
  AddReadingOptions(sub, command);
  AddResultOptions(sub, command);
}

std::optional<FileIdentity> WrittenBy(const ExtractCommand& command) {
  if (!command.output.empty()) return IdentityOf(command.output);
  if (command.output_folder.empty()) return IdentityOf(STDOUT_FILENO);
  // Pages and .conll files are no reports; the .txt files beside brat's are.
  if (command.format != OutputFormat::kBrat) return std::nullopt;
  return IdentityOf(command.output_folder);
}

RunSettings RunSettingsOf(const ExtractCommand& command, const Model& model,
                          const WriterSettings& writer) {
  const EncodingOptions& encoding = command.encoding;
  const bool replaces = encoding.invalid == DecodeOptions::Invalid::kReplace;
  RunSettings settings = {{"radie", Version()},
                          {"model", ModelSha256(command.model)},
                          {"isa", model.info().isa},
                          {"precision", Precisions(model.info())},
                          {"dictionary", command.model.mecab_dictionary},
                          {"user-dictionary", command.model.mecab_user_dictionary},
                          {"format", NameIn(Formats(), writer.format)},
                          {"input-format", NameIn(InputFormats(), command.input_format)},
                          {"stage", NameIn(StagesByName(), command.stages)},
                          {"shard", command.shard.Text()},
                          {"offsets", NameIn(Units(), command.offsets)},
                          {"encoding", EncodingGiven(encoding)},
                          {"on-invalid", replaces ? "replace" : "error"},
                          {"min-confidence", NumberText(command.min_confidence)},
                          {"terms", Shas(command.terms)},
                          {"include-text", YesOrNo(command.include_text)},
                          {"keep-patient-id", YesOrNo(command.keep_patient_id)}};
  if (writer.format == OutputFormat::kFhir) {
    settings.emplace_back("fhir-bundle", writer.fhir.transaction ? "transaction" : "collection");
    settings.emplace_back("fhir-subject", writer.fhir.subject);
    settings.emplace_back("fhir-recorded", writer.fhir.recorded);
  }
  return settings;
}

}  // namespace radie::tools
