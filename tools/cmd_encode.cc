// radie encode: token ids in, hidden states out, so that anyone can compare with another
// implementation.
#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "tools/commands.h"
#include "tools/encode_input.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kMaxBatchTokens = 4096;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // of safetensors itself

struct EncodeCommand {
  ModelOptions model;
  std::optional<Stage> stage;
  std::string ids, output;
  bool heads = false;
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

// A tensor of the output: name, dtype and shape; both dtypes have four bytes.
struct OutputTensor {
  std::string name;
  const char* dtype;
  std::size_t rows, cols;  // cols 0: of one dimension
  std::size_t bytes() const { return rows * (cols == 0 ? 1 : cols) * 4; }
};

// What is written for sequence i, in this order.
std::vector<OutputTensor> TensorsOf(const Sequences& sequences, std::size_t i, bool heads,
                                    const StageInfo& stage) {
  const std::string name = std::to_string(i);
  const std::size_t length = sequences.lengths[i], labels = stage.labels.size();
  std::vector<OutputTensor> tensors = {{name, "F32", length, stage.hidden_size}};
  if (heads && stage.stage == Stage::kEntities) {
    tensors.push_back({"emissions." + name, "F32", length, labels});
    tensors.push_back({"labels." + name, "I32", length, 0});
  } else if (heads && !sequences.pairs[i].empty()) {
    tensors.push_back({"logits." + name, "F32", sequences.pairs[i].size(), labels});
  }
  return tensors;
}

// Header length and header of a safetensors file with all the tensors, one after the other.
std::string SafetensorsHeader(const Sequences& sequences, bool heads, const StageInfo& stage) {
  std::string header = "{";
  std::size_t offset = 0;
  for (std::size_t i = 0; i < sequences.lengths.size(); ++i) {
    for (const OutputTensor& tensor : TensorsOf(sequences, i, heads, stage)) {
      const std::size_t end = offset + tensor.bytes();
      if (header.size() > 1) header += ',';
      header += "\"" + tensor.name + "\":{\"dtype\":\"" + tensor.dtype + "\",\"shape\":[" +
                std::to_string(tensor.rows) +
                (tensor.cols == 0 ? "" : "," + std::to_string(tensor.cols)) +
                "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(end) + "]}";
      offset = end;
    }
  }
  header += '}';
  header.append((8 - header.size() % 8) % 8, ' ');
  if (header.size() > kMaxHeaderBytes)
    throw ExitError(kExitSomeFailed, "too many sequences for one safetensors file");
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header;
}

template <typename Number>
void WriteNumbers(std::span<const Number> numbers, Output& output) {
  output.Write({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
}

// What the head makes of one sequence's states.
void WriteHead(const Heads& heads, const StageInfo& stage, std::span<const std::int32_t> ids,
               std::span<const HeadPair> pairs, std::span<const float> states, Output& output) {
  if (stage.stage == Stage::kEntities) {
    const std::vector<float> emissions = heads.Emissions(states);
    WriteNumbers<float>(emissions, output);
    WriteNumbers<std::int32_t>(heads.Labels(ids, emissions), output);
  } else if (!pairs.empty()) {
    WriteNumbers<float>(heads.RelationLogits(states, pairs), output);
  }
}

void WriteStates(const Encoder& encoder, const Heads* heads, const StageInfo& stage,
                 const Sequences& sequences, Output& output) {
  output.Write(SafetensorsHeader(sequences, heads != nullptr, stage));
  std::size_t token = 0;
  for (std::size_t first = 0; first < sequences.lengths.size();) {
    std::size_t last = first, tokens = 0;
    do {
      tokens += sequences.lengths[last++];
    } while (last < sequences.lengths.size() &&
             tokens + sequences.lengths[last] <= kMaxBatchTokens);
    EncoderInput input;
    input.ids = std::span(sequences.ids).subspan(token, tokens);
    input.token_types = std::span(sequences.types).subspan(token, tokens);
    input.lengths = std::span(sequences.lengths).subspan(first, last - first);
    input.text_lengths = std::span(sequences.texts).subspan(first, last - first);
    input.positions = std::span(sequences.positions).subspan(token, tokens);
    const EncoderOutput encoded = encoder.Encode(input);
    std::size_t row = 0;
    for (; first < last; ++first) {
      const std::size_t length = sequences.lengths[first], hidden = encoded.hidden_size;
      const auto states = std::span(encoded.states).subspan(row * hidden, length * hidden);
      WriteNumbers<float>(states, output);
      if (heads != nullptr) {
        WriteHead(*heads, stage, input.ids.subspan(row, length), sequences.pairs[first], states,
                  output);
      }
      row += length;
    }
    token += tokens;
  }
}

// So that no half-written file is left by a pair that the head cannot read.
void CheckPairs(const Sequences& sequences, const StageInfo& stage) {
  if (stage.stage != Stage::kRelations) return;
  bool cls = false, whole = false;
  for (const auto& [name, value] : stage.settings) {
    if (name != "pooling") continue;
    cls = value == "cls";
    whole = value == "span" || value == "mention";
  }
  const auto readable = [&](const std::vector<std::size_t>& rows) {
    if (!whole) return rows.size() <= 2;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i] != rows[0] + i) return false;
    }
    return true;
  };
  for (std::size_t i = 0; i < sequences.pairs.size(); ++i) {
    for (const HeadPair& pair : sequences.pairs[i]) {
      if (pair.head.empty() || pair.tail.empty() != cls || !readable(pair.head) ||
          !readable(pair.tail)) {
        throw ExitError(kExitSomeFailed, "sequence " + std::to_string(i) +
                                             ": a pair reads too few or many rows, " +
                                             "or not all from a first to a last one");
      }
    }
  }
}

int RunEncode(const EncodeCommand& command) {
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  const Stage stage = ChooseStage(command, *model);
  const StageInfo& info = InfoOf(*model, stage);
  const Sequences sequences = ReadSequences(command.ids, info);
  std::optional<Heads> heads;
  if (command.heads) {
    CheckPairs(sequences, info);
    heads.emplace(model);
  }
  const Encoder encoder = MakeEncoder(model, stage, command.model);
  auto write = [&](Output& output) {
    WriteStates(encoder, heads ? &*heads : nullptr, info, sequences, output);
  };
  if (command.output == "-") {
    write(StandardOutput());
    return kExitOk;
  }
  const int descriptor =
      ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    throw ExitError(kExitSomeFailed,
                    command.output + ": " + std::generic_category().message(errno));
  Output output(descriptor);
  try {
    write(output);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  if (::close(descriptor) != 0)
    throw ExitError(kExitSomeFailed,
                    command.output + ": " + std::generic_category().message(errno));
  return kExitOk;
}

constexpr char kEncodeFooter[] =
    R"(Examples:
  echo '[2, 45, 17, 3]' > ids.jsonl
  radie encode --model my.radie --stage entities --ids ids.jsonl --output states.safetensors

Special tokens are ids like any other: put them in. Tensor "0" is the first line's [length, hidden] and so on.
A line may also be {"ids": [...], "token_types": [...], "pairs": [{"head": [...], "tail": [...]}]}; head and tail
are the rows whose states are averaged: one or two, with pooling span and mention all of a mention's. With --heads,
stage entities adds "emissions.0" [length, labels] and "labels.0" [length] (-1: not decoded), stage relations
"logits.0" [pairs, labels]. For layout levitated, "text": N says that the ids behind the first N are groups of four markers,
and "positions" gives the positions of all ids.
)";

}  // namespace

void AddEncode(CLI::App& app, Run& run) {
  auto command = std::make_shared<EncodeCommand>();
  CLI::App* sub =
      app.add_subcommand("encode", "Run one stage's encoder on token ids and write hidden states");
  AddModelOption(*sub, command->model);
  AddStageOption(*sub, command->stage,
                 "Whose encoder: entities, relations or encoder (default: the only one)");
  sub->add_flag("--heads", command->heads,
                "Also what the stage's head makes of the states: scores and labels, or logits");
  sub->add_option("--ids", command->ids, "One JSON array of token ids a line; - for standard input")
      ->required()
      ->type_name("FILE");
  sub->add_option("-o,--output", command->output,
                  "safetensors file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  AddComputeOptions(*sub, command->model);
  sub->footer(std::string(kEncodeFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunEncode(*command); }; });
}

}  // namespace radie::tools
