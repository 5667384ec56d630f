#include "tools/model_options.h"

#include <cstdlib>
#include <filesystem>
#include <map>

#include "tools/cut_short.h"
#include "tools/exit_codes.h"
#include "tools/file_identity.h"
#include "tools/file_sha256.h"
#include "tools/signals.h"

namespace radie::tools {
namespace {

namespace fs = std::filesystem;

// The demo model as seen from the command's own folder, in an installation and in a build tree.
std::optional<std::string> BundledModel() {
  std::error_code error;
  const fs::path command = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  const fs::path folder = command.parent_path();
  const fs::path installed = (folder / "../share/radie/demo.radie").lexically_normal();
  if (fs::is_regular_file(installed, error)) return installed.string();
  // Only a build tree has the cache file: an installed command must not look for models in folders
  // above it.
  if (!fs::is_regular_file(folder / "../CMakeCache.txt", error)) return std::nullopt;
  const fs::path built = (folder / RADIE_DEMO_MODEL).lexically_normal();
  if (fs::is_regular_file(built, error)) return built.string();
  return std::nullopt;
}

}  // namespace

void AddDictionaryOptions(CLI::App& command, ModelOptions& options) {
  command
      .add_option("--dictionary", options.mecab_dictionary,
                  "Folder of the MeCab dictionary, for models that use one (default: that of the "
                  "model's name; also $RADIE_MECAB_DICTIONARY)")
      ->envname("RADIE_MECAB_DICTIONARY")
      ->type_name("FOLDER");
  command
      .add_option("--user-dictionary", options.mecab_user_dictionary,
                  "A compiled MeCab user dictionary beside it")
      ->type_name("FILE");
}

void AddModelOption(CLI::App& command, ModelOptions& options) {
  command
      .add_option("-m,--model", options.path,
                  "Model file (default: $RADIE_MODEL, else the demo model that comes with radie)")
      ->type_name("FILE");
  AddDictionaryOptions(command, options);
}

void AddComputeOptions(CLI::App& command, ModelOptions& options) {
  command
      .add_option("-j,--threads", options.threads, "Threads; 0: as many as this process may use")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1024}).description(""))
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--isa",
          [&options](const std::string& name) {
            const std::optional<Isa> isa = IsaFromName(name);
            if (!isa) throw CLI::ValidationError("--isa", "no kernel set is called '" + name + "'");
            options.isa = *isa;
          },
          "Kernel set: auto, or one of those that radie --version lists (also $RADIE_ISA)")
      ->envname("RADIE_ISA")
      ->type_name("NAME");
  command
      .add_option_function<std::string>(
          "--precision",
          [&options](const std::string& name) {
            const std::optional<Precision> precision = PrecisionFromName(name);
            if (!precision) {
              throw CLI::ValidationError("--precision", "no precision is called '" + name + "'");
            }
            options.precision = *precision;
          },
          "Matrix products: auto (as stored), fp32, fp16, bf16, int8 (also $RADIE_PRECISION)")
      ->envname("RADIE_PRECISION")
      ->type_name("NAME");
  command.add_flag("--no-mmap", options.no_mmap, "Read the model file instead of mapping it");
}

CLI::Option* AddStageOption(CLI::App& command, std::optional<Stage>& stage, const char* help) {
  return command
      .add_option_function<std::string>(
          "--stage",
          [&stage](const std::string& name) {
            stage = StageFromName(name);
            if (!stage) throw CLI::ValidationError("--stage", "no stage is called '" + name + "'");
          },
          help)
      ->type_name("NAME");
}

std::optional<std::string> DefaultModelPath() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): options are read before there are threads
  const char* environment = std::getenv("RADIE_MODEL");
  if (environment != nullptr && *environment != '\0') return environment;
  return BundledModel();
}

namespace {

LoadOptions LoadOptionsOf(const ModelOptions& options) {
  LoadOptions load;
  load.isa = options.isa;
  load.precision = options.precision;
  load.map_file = !options.no_mmap;
  load.verify_tensors = options.verify_tensors;
  load.threads = options.threads;
  load.mecab_dictionary = options.mecab_dictionary;
  load.mecab_user_dictionary = options.mecab_user_dictionary;
  return load;
}

// What action(path, load options) makes of the model file. Throws as LoadModelIfPossible does.
template <typename Action>
auto ReadModel(const ModelOptions& options, const Action& action) {
  const std::string path = ModelPath(options);
  try {
    const CutShortGuard guard(path);
    // Threads that load may receive a signal: nothing is being written yet, so it may end us there.
    return action(path, LoadOptionsOf(options));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw;
    throw ExitError(kExitModel, "model " + path + ": " + error.what());
  }
}

// read(options), where asking for what there is not is a mistake of the call.
template <typename Read>
auto OrUsageError(const ModelOptions& options, const Read& read) {
  try {
    return read(options);
  } catch (const Error& error) {
    throw ExitError(kExitUsage, "model " + ModelPath(options) + ": " + error.what());
  }
}

// What LoadModel read last, as it was before: a file that was renamed over it since has only the
// name in common with it, and one that was written over it only the place.
std::optional<FileState>& LoadedFile() {
  static std::optional<FileState> file;
  return file;
}

}  // namespace

std::string ModelPath(const ModelOptions& options) {
  const std::optional<std::string> path =
      options.path.empty() ? DefaultModelPath() : std::optional<std::string>(options.path);
  if (!path) {
    throw ExitError(kExitUsage,
                    "no model: give one with --model FILE or the environment variable RADIE_MODEL");
  }
  return *path;
}

std::shared_ptr<const Model> LoadModelIfPossible(const ModelOptions& options) {
  LoadedFile() = StateOf(ModelPath(options));
  std::shared_ptr<const Model> model = ReadModel(
      options, [](const auto& path, const auto& load) { return Model::Load(path, load); });
  // A packed file stays mapped as long as the command runs.
  static std::unique_ptr<const CutShortGuard> guard;
  guard.reset();
  if (!model->info().packed.empty() && !options.no_mmap) {
    guard = std::make_unique<const CutShortGuard>(ModelPath(options));
  }
  return model;
}

std::shared_ptr<const Model> LoadModel(const ModelOptions& options) {
  return OrUsageError(options, LoadModelIfPossible);
}

std::string PackedModel(const ModelOptions& options) {
  return OrUsageError(options, [](const ModelOptions& given) {
    return ReadModel(given,
                     [](const auto& path, const auto& load) { return PackModel(path, load); });
  });
}

std::string ModelSha256(const ModelOptions& options) {
  const std::string path = ModelPath(options);
  try {
    std::string hex = FileSha256(path);
    if (StateOf(path) == LoadedFile()) return hex;
  } catch (const ExitError& error) {
    throw ExitError(kExitModel, std::string("model ") + error.what());
  }
  throw ExitError(kExitModel, "model " + path + ": replaced or written over while it was read");
}

void RequireStage(const Model& model, Stage stage) {
  if (model.has_stage(stage)) return;
  throw ExitError(kExitModel, std::string("the model has no stage \"") + StageName(stage) + "\"");
}

Extractor MakeExtractor(const std::shared_ptr<const Model>& model, const ModelOptions& options,
                        ExtractorOptions extractor) {
  const SignalsToMainThread shield;
  extractor.threads = options.threads;
  return Extractor(model, extractor);
}

Encoder MakeEncoder(const std::shared_ptr<const Model>& model, Stage stage,
                    const ModelOptions& options) {
  const SignalsToMainThread shield;
  return Encoder(model, stage, options.threads);
}

}  // namespace radie::tools
