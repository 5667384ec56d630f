// What `radie extract` was told to do.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "tools/encoding_options.h"
#include "tools/fhir_options.h"
#include "tools/file_identity.h"
#include "tools/input_files.h"
#include "tools/model_options.h"
#include "tools/report_writers.h"
#include "tools/run_manifest.h"
#include "tools/shard.h"

namespace radie::tools {

enum class Offsets { kCodePoint, kUtf8, kUtf16, kSource };

// Bytes of the source are counted in its UTF-8 first, and mapped when they are written.
OffsetUnit UnitOf(Offsets offsets);

struct ExtractCommand {
  std::vector<std::string> inputs;
  ModelOptions model;
  InputFormat input_format = InputFormat::kByExtension;
  OutputFormat format = OutputFormat::kByTerminal;
  Request::Stages stages = Request::Stages::kBoth;
  EncodingOptions encoding;
  Offsets offsets = Offsets::kCodePoint;
  bool include_text = false;
  std::string output_folder;  // empty: not into files of their own
  std::string output;         // a file; empty: standard output
  bool resume = false;
  double checkpoint_seconds = 5;
  Shard shard;
  std::vector<std::string> terms;
  double min_confidence = 0;
  FhirCommandOptions fhir;
  bool keep_patient_id = false;
  std::size_t cache_mib = 64;
};

// The options of the subcommand; `command` must outlive it.
void AddExtractOptions(CLI::App& sub, ExtractCommand& command);

// The file that the command writes, or the folder where it writes what a search for reports finds;
// nothing while it is not there.
std::optional<FileIdentity> WrittenBy(const ExtractCommand& command);

// All of it that changes the output: what a run and one that resumes it must have in common.
// `writer` has what the command left open settled. Reads the files of --terms and the model for
// their SHA-256. Throws ExitError.
RunSettings RunSettingsOf(const ExtractCommand& command, const Model& model,
                          const WriterSettings& writer);

}  // namespace radie::tools
