// radie bench: how fast a model runs here.
#include <unistd.h>

#include <map>
#include <memory>

#include "tools/bench_model.h"
#include "tools/bench_run.h"
#include "tools/bench_texts.h"
#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"

namespace radie::tools {
namespace {

// Working memory is some 40 times the hidden size a token.
constexpr std::size_t kMaxTokensACall = std::size_t{1} << 18;

struct BenchCommand {
  std::string random, text;
  std::vector<std::size_t> lengths, batches;
  std::size_t ragged = 0;
  std::vector<std::string> isas = {"auto"}, precisions = {"auto"};
  BenchPlan plan{{}, {}, {0}, {}, 2, 10, {}, {}, {}};
  BenchFormat format = BenchFormat::kTable;
  ModelOptions model;  // its kernel set and precision are each of the lists' in turn
};

template <typename Enum>
std::vector<Enum> FromNames(const std::vector<std::string>& names, const char* what,
                            std::optional<Enum> (*find)(std::string_view) noexcept) {
  std::vector<Enum> values;
  for (const std::string& name : names) {
    const std::optional<Enum> value = find(name);
    if (!value) throw ExitError(kExitUsage, std::string(what) + " is called '" + name + "'");
    values.push_back(*value);
  }
  return values;
}

std::vector<EncoderWork> PlanEncoderWork(const BenchCommand& command) {
  std::vector<EncoderWork> work;
  std::vector<std::size_t> lengths = command.lengths;
  if (lengths.empty() && command.ragged == 0) lengths = {16, 32, 64, 128, 256, 512};
  const std::vector<std::size_t> batches =
      command.batches.empty() ? std::vector<std::size_t>{1} : command.batches;
  for (std::size_t batch : batches) {
    for (std::size_t length : lengths) {
      if (length * batch > kMaxTokensACall) {
        throw ExitError(kExitUsage, "--length, --batch: more than " +
                                        std::to_string(kMaxTokensACall) + " tokens a call");
      }
      work.push_back(EqualLengths(length, batch));
    }
  }
  if (command.ragged > 0) work.push_back(MixedLengths(command.ragged));
  return work;
}

ModelLoader LoaderOf(const BenchCommand& command) {
  if (!command.random.empty()) {
    auto bytes = std::make_shared<const std::string>(RandomEncoderModel(command.random));
    return [bytes](const LoadOptions& options) {
      return Model::LoadFromMemory(bytes->data(), bytes->size(), options);
    };
  }
  if (command.model.path.empty() && !DefaultModelPath()) {
    throw ExitError(kExitUsage, "no model: give one with --model FILE or --random NAME");
  }
  return [model = command.model](const LoadOptions& options) {
    ModelOptions tried = model;
    tried.isa = options.isa;
    tried.precision = options.precision;
    return LoadModelIfPossible(tried);
  };
}

int RunBench(BenchCommand& command) {
  BenchPlan& plan = command.plan;
  plan.isas = FromNames<Isa>(command.isas, "--isa: no kernel set", IsaFromName);
  plan.precisions =
      FromNames<Precision>(command.precisions, "--precision: no precision", PrecisionFromName);
  if (command.text.empty()) {
    plan.work = PlanEncoderWork(command);
  } else {
    plan.reports = ReadReports(command.text);
    plan.reports_a_call = command.batches.empty() ? std::vector<std::size_t>{0} : command.batches;
  }
  const ModelLoader load = LoaderOf(command);
  const std::unique_ptr<BenchReport> report = MakeBenchReport(command.format, StandardOutput());
  report->Begin(DescribeMachine());
  return BenchRun(load, plan, *report).Run();
}

constexpr char kFooter[] =
    R"(Examples:
  radie bench --random bert-base --length 16,128 --threads 1,2 --precision fp32,int8
  radie bench --random bert-base --length 128 --batch 1 --threads 2 --precision int8 --repeat 5 --format json
  radie bench --ragged 64 --isa avx2,avx512               the bundled model, sentences of mixed length
  radie bench --text reports/ --batch 1,16 --precision auto,int8

Each list is combined with every other; what a kernel set cannot do is named as skipped.
The columns are described in docs/performance.md. Let the machine be idle.
)";

void AddWorkOptions(CLI::App& sub, BenchCommand& command) {
  const auto range = [](std::size_t low, std::size_t high) {
    return CLI::Range(low, high).description("");
  };
  CLI::Option* model =
      sub.add_option("-m,--model", command.model.path, "Model file (default: as for extract)")
          ->type_name("FILE");
  AddDictionaryOptions(sub, command.model);
  sub.add_flag("--no-mmap", command.model.no_mmap, "Read the model file instead of mapping it");
  CLI::Option* random =
      sub.add_option("--random", command.random,
                     "An encoder with random weights: bert-base, bert-small, bert-mini or demo")
          ->check(CLI::IsMember(RandomEncoderNames()).description(""))
          ->excludes(model)
          ->type_name("NAME");
  CLI::Option* stage =
      AddStageOption(sub, command.plan.stage,
                     "Whose encoder: entities, relations or encoder (default: each that there is)");
  CLI::Option* length = sub.add_option("--length", command.lengths, "Tokens of a sequence")
                            ->delimiter(',')
                            ->check(range(1, 65536))
                            ->type_name("N,…");
  sub.add_option("--batch", command.batches,
                 "Sequences, or reports, of a call (default: 1; all reports)")
      ->delimiter(',')
      ->check(range(1, 65536))
      ->type_name("N,…");
  CLI::Option* ragged =
      sub.add_option("--ragged", command.ragged, "One call of N sequences of mixed length")
          ->check(range(1, 4096))
          ->type_name("N");
  sub.add_option("--text", command.text, "Both stages on these reports (as for extract)")
      ->excludes(random)
      ->excludes(stage)
      ->excludes(length)
      ->excludes(ragged)
      ->type_name("PATH");
}

void AddRunOptions(CLI::App& sub, BenchCommand& command) {
  const auto range = [](std::size_t low, std::size_t high) {
    return CLI::Range(low, high).description("");
  };
  sub.add_option("-j,--threads", command.plan.threads,
                 "Threads; 0: as many as this process may use (default: 0)")
      ->delimiter(',')
      ->check(range(0, 1024))
      ->type_name("N,…");
  sub.add_option("--precision", command.precisions,
                 "Matrix products: auto, fp32, fp16, bf16, int8 (default: $RADIE_PRECISION, else "
                 "auto)")
      ->envname("RADIE_PRECISION")
      ->delimiter(',')
      ->type_name("NAME,…");
  sub.add_option("--isa", command.isas,
                 "Kernel sets: auto, or those that radie --version lists (default: $RADIE_ISA, "
                 "else auto)")
      ->envname("RADIE_ISA")
      ->delimiter(',')
      ->type_name("NAME,…");
  sub.add_option("--warmup", command.plan.warmup, "Calls that do not count (default: 2)")
      ->check(range(0, 10000))
      ->type_name("N");
  sub.add_option("--repeat", command.plan.repeat, "Calls that are measured (default: 10)")
      ->check(range(1, 100000))
      ->type_name("N");
  static const std::map<std::string, BenchFormat> kFormats = {{"table", BenchFormat::kTable},
                                                              {"markdown", BenchFormat::kMarkdown},
                                                              {"csv", BenchFormat::kCsv},
                                                              {"json", BenchFormat::kJson}};
  sub.add_option("-f,--format", command.format,
                 "Output: table, markdown, csv or json (default: table)")
      ->transform(CLI::CheckedTransformer(kFormats).description(""))
      ->type_name("NAME");
}

}  // namespace

void AddBench(CLI::App& app, Run& run) {
  auto command = std::make_shared<BenchCommand>();
  CLI::App* sub = app.add_subcommand("bench", "Measure how fast a model runs on this machine");
  AddWorkOptions(*sub, *command);
  AddRunOptions(*sub, *command);
  sub->footer(std::string(kFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunBench(*command); }; });
}

}  // namespace radie::tools
