// radie encode: token ids in, hidden states out, so that anyone can compare with another
// implementation.
#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/annotated_record.h"
#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/line_reader.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxBatchTokens = 4096;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // of safetensors itself

struct EncodeCommand {
  ModelOptions model;
  std::optional<Stage> stage;
  std::string ids, output;
};

// All sequences end to end.
struct Sequences {
  std::vector<std::int32_t> ids;
  std::vector<std::size_t> lengths;
};

const StageInfo& InfoOf(const Model& model, Stage stage) {
  for (const StageInfo& info : model.info().stages) {
    if (info.stage == stage) return info;
  }
  throw ExitError(kExitModel, std::string("the model has no stage \"") + StageName(stage) + "\"");
}

Stage ChooseStage(const EncodeCommand& command, const Model& model) {
  if (command.stage) return *command.stage;
  if (model.info().stages.size() == 1) return model.info().stages.front().stage;
  throw ExitError(kExitUsage, "the model has more than one stage: choose one with --stage");
}

// Everything is checked before the first state is computed, so that a bad line leaves no
// half-written file.
void AppendSequence(const std::string& line, const StageInfo& stage, Sequences& sequences) {
  const nlohmann::json ids = nlohmann::json::parse(line, nullptr, false);
  if (!ids.is_array()) throw Error(ErrorCode::kInvalidInput, "not a JSON array of token ids");
  if (ids.empty() || ids.size() > stage.max_positions) {
    throw Error(ErrorCode::kInvalidInput, std::to_string(ids.size()) +
                                              " ids, but a sequence has 1 to " +
                                              std::to_string(stage.max_positions));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].is_number_unsigned() || ids[i].get<std::uint64_t>() >= stage.vocabulary_size) {
      throw Error(ErrorCode::kInvalidInput, "[" + std::to_string(i) +
                                                "]: not an integer from 0 to " +
                                                std::to_string(stage.vocabulary_size - 1));
    }
    sequences.ids.push_back(ids[i].get<std::int32_t>());
  }
  sequences.lengths.push_back(ids.size());
}

Sequences ReadSequences(const std::string& path, const StageInfo& stage) {
  OpenFile file(path);
  LineReader reader(file, kMaxLineBytes);
  Sequences sequences;
  std::string line;
  for (;;) {
    const LineReader::Result result = reader.Next(line);
    if (result == LineReader::Result::kEnd) return sequences;
    if (result == LineReader::Result::kLine && IsBlank(line)) continue;
    try {
      if (result == LineReader::Result::kTooLong)
        throw Error(ErrorCode::kLimitExceeded, "the line is too long");
      AppendSequence(line, stage, sequences);
    } catch (const Error& error) {
      throw ExitError(kExitSomeFailed,
                      path + " line " + std::to_string(reader.line_number()) + ": " + error.what());
    }
  }
}

// Header length and header of a safetensors file with tensors "0", "1", … [length, hidden] one
// after the other.
std::string SafetensorsHeader(const std::vector<std::size_t>& lengths, std::size_t hidden) {
  std::string header = "{";
  std::size_t offset = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::size_t end = offset + lengths[i] * hidden * sizeof(float);
    if (i > 0) header += ',';
    header += "\"" + std::to_string(i) + "\":{\"dtype\":\"F32\",\"shape\":[" +
              std::to_string(lengths[i]) + "," + std::to_string(hidden) + "],\"data_offsets\":[" +
              std::to_string(offset) + "," + std::to_string(end) + "]}";
    offset = end;
  }
  header += '}';
  header.append((8 - header.size() % 8) % 8, ' ');
  if (header.size() > kMaxHeaderBytes)
    throw ExitError(kExitSomeFailed, "too many sequences for one safetensors file");
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header;
}

void WriteStates(const Encoder& encoder, const Sequences& sequences, Output& output) {
  output.Write(SafetensorsHeader(sequences.lengths, encoder.hidden_size()));
  std::size_t token = 0;
  for (std::size_t first = 0; first < sequences.lengths.size();) {
    std::size_t last = first, tokens = 0;
    do {
      tokens += sequences.lengths[last++];
    } while (last < sequences.lengths.size() &&
             tokens + sequences.lengths[last] <= kMaxBatchTokens);
    EncoderInput input;
    input.ids = std::span(sequences.ids).subspan(token, tokens);
    input.lengths = std::span(sequences.lengths).subspan(first, last - first);
    const EncoderOutput states = encoder.Encode(input);
    output.Write({reinterpret_cast<const char*>(states.states.data()),
                  states.states.size() * sizeof(float)});
    token += tokens;
    first = last;
  }
}

int RunEncode(const EncodeCommand& command) {
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  const Stage stage = ChooseStage(command, *model);
  const Sequences sequences = ReadSequences(command.ids, InfoOf(*model, stage));
  const Encoder encoder = MakeEncoder(model, stage, command.model);
  if (command.output == "-") {
    WriteStates(encoder, sequences, StandardOutput());
    return kExitOk;
  }
  const int descriptor =
      ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    throw ExitError(kExitSomeFailed, command.output + ": " + std::strerror(errno));
  Output output(descriptor);
  try {
    WriteStates(encoder, sequences, output);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  if (::close(descriptor) != 0)
    throw ExitError(kExitSomeFailed, command.output + ": " + std::strerror(errno));
  return kExitOk;
}

constexpr char kFooter[] =
    R"(Examples:
  echo '[2, 45, 17, 3]' > ids.jsonl
  radie encode --model my.radie --stage entities --ids ids.jsonl --output states.safetensors

Special tokens are ids like any other: put them in. Tensor "0" is the first line's [length, hidden] and so on.
)";

}  // namespace

void AddEncode(CLI::App& app, Run& run) {
  auto command = std::make_shared<EncodeCommand>();
  CLI::App* sub =
      app.add_subcommand("encode", "Run one stage's encoder on token ids and write hidden states");
  AddModelOption(*sub, command->model);
  static const std::map<std::string, Stage> kStages = {{"entities", Stage::kEntities},
                                                       {"relations", Stage::kRelations},
                                                       {"encoder", Stage::kEncoder}};
  sub->add_option_function<Stage>(
         "--stage", [command](const Stage& stage) { command->stage = stage; },
         "Whose encoder: entities, relations or encoder (default: the only one)")
      ->transform(CLI::CheckedTransformer(kStages).description(""))
      ->type_name("NAME");
  sub->add_option("--ids", command->ids, "One JSON array of token ids a line; - for standard input")
      ->required()
      ->type_name("FILE");
  sub->add_option("-o,--output", command->output,
                  "safetensors file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  AddComputeOptions(*sub, command->model);
  sub->footer(std::string(kFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunEncode(*command); }; });
}

}  // namespace radie::tools
