// The options that choose and load a model, the same for every subcommand.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/model.h"
#include "radie/pack.h"

namespace radie::tools {

struct ModelOptions {
  std::string path;  // empty: DefaultModelPath()
  Isa isa = Isa::kAuto;
  Precision precision = Precision::kAuto;
  std::size_t threads = 0;
  bool no_mmap = false;
  bool verify_tensors = false;
  std::string mecab_dictionary, mecab_user_dictionary;  // empty: as the model says
};

void AddModelOption(CLI::App& command, ModelOptions& options);        // --model, and the next
void AddDictionaryOptions(CLI::App& command, ModelOptions& options);  // --dictionary, …
void AddComputeOptions(CLI::App& command, ModelOptions& options);     // --threads, --isa, …

// --stage. `help` says whose, and what it is without the option.
CLI::Option* AddStageOption(CLI::App& command, std::optional<Stage>& stage, const char* help);

// RADIE_MODEL, else the installed demo model beside the command, else that of the source tree the
// command was built in.
std::optional<std::string> DefaultModelPath();

// The file that LoadModel reads. Throws ExitError(kExitUsage) when there is none.
std::string ModelPath(const ModelOptions& options);

// Throws ExitError: kExitModel, or kExitUsage when there is no model to load or the ISA is not
// there, or does not read a packed one.
std::shared_ptr<const Model> LoadModel(const ModelOptions& options);

// The same, for who tries one combination after another and keeps one model at a time: an ISA or a
// precision that is not there is the library's Error(kInvalidArgument).
std::shared_ptr<const Model> LoadModelIfPossible(const ModelOptions& options);

// The bytes of the model packed for these options (radie/pack.h). Throws as LoadModel does.
std::string PackedModel(const ModelOptions& options);

// SHA-256 of the file that LoadModel has read. Throws ExitError(kExitModel), also where it has been
// written over since, or another file has taken its name.
std::string ModelSha256(const ModelOptions& options);

// Throws ExitError(kExitModel) naming the stage when the model lacks it.
void RequireStage(const Model& model, Stage stage);

// As the constructors, with the threads shielded from signals. The extractor's threads are those of
// `options`, whatever `extractor` says.
Extractor MakeExtractor(const std::shared_ptr<const Model>& model, const ModelOptions& options,
                        ExtractorOptions extractor = {});
Encoder MakeEncoder(const std::shared_ptr<const Model>& model, Stage stage,
                    const ModelOptions& options);

}  // namespace radie::tools
