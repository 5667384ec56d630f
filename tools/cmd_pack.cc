// radie pack: a model file whose weights lie as kernels read them.
#include <filesystem>
#include <memory>
#include <string>

#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"
#include "tools/replace_file.h"

namespace radie::tools {
namespace {

struct PackCommand {
  ModelOptions model;
  std::string output;
};

int RunPack(const PackCommand& command) {
  std::error_code error;
  if (std::filesystem::equivalent(ModelPath(command.model), command.output, error)) {
    throw ExitError(kExitUsage, "--output is the model itself, which is needed for other machines");
  }
  ReplaceFile(command.output, PackedModel(command.model));
  return kExitOk;
}

constexpr char kPackFooter[] =
    R"(A packed model loads in the time of reading its vocabulary, and all processes of a machine that
map it share its memory. It computes what the model computes with the same kernel set and precision,
bit for bit, and works only where a kernel set with the same layout is: radie inspect tells which.

Examples:
  radie pack --model my.radie --output my.packed.radie
  radie pack --model my.radie --precision int8 --output my.int8.radie
  radie pack --model my.radie --isa avx2 --precision int8 --output old-machines.radie
  radie extract --model my.int8.radie reports/

)";

}  // namespace

void AddPack(CLI::App& app, Run& run) {
  auto command = std::make_shared<PackCommand>();
  CLI::App* sub = app.add_subcommand(
      "pack", "Store a model as one kernel set reads it, for many processes to share");
  AddModelOption(*sub, command->model);
  sub->add_option("-o,--output", command->output,
                  "File to write; one that is there is replaced whole, at the end")
      ->type_name("FILE")
      ->required();
  AddComputeOptions(*sub, command->model);
  sub->add_flag("--verify", command->model.verify_tensors,
                "First compare the model's tensors with the SHA-256 that it stores");
  sub->footer(std::string(kPackFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunPack(*command); }; });
}

}  // namespace radie::tools
