// radie inspect: what a model file holds.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/model_options.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

struct InspectCommand {
  ModelOptions model;
  bool json = false;
};

// The file's 1e-12 is held as a float; what people want to see is what the file says.
double Shortened(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

ordered_json SchemaAsJson(const SchemaInfo& schema) {
  ordered_json entities = ordered_json::array(), relations = ordered_json::array();
  for (const EntityTypeInfo& type : schema.entity_types) {
    entities.push_back({{"name", type.name}, {"role", type.is_object ? "object" : "attribute"}});
    if (type.certainty) entities.back()["certainty"] = CertaintyName(*type.certainty);
  }
  for (const RelationTypeInfo& type : schema.relation_types) {
    relations.push_back({{"name", type.name}, {"heads", type.heads}, {"tails", type.tails}});
  }
  return {{"name", schema.name}, {"entity_types", entities}, {"relation_types", relations}};
}

ordered_json StageAsJson(const StageInfo& stage) {
  ordered_json settings = ordered_json::object();
  for (const auto& [name, value] : stage.settings) settings[name] = value;
  return {{"stage", StageName(stage.stage)},
          {"layers", stage.layers},
          {"hidden_size", stage.hidden_size},
          {"attention_heads", stage.attention_heads},
          {"intermediate_size", stage.intermediate_size},
          {"max_positions", stage.max_positions},
          {"vocabulary_size", stage.vocabulary_size},
          {"token_types", stage.token_types},
          {"activation", stage.activation},
          {"layer_norm_eps", Shortened(stage.layer_norm_eps)},
          {"rope_theta", stage.rope_theta > 0 ? ordered_json(stage.rope_theta) : ordered_json()},
          {"tokenizer", stage.tokenizer},
          {"labels", stage.labels},
          {"settings", settings}};
}

ordered_json Sha256AsJson(const ModelInfo& info) {
  return info.tensors_sha256.empty() ? ordered_json(nullptr) : ordered_json(info.tensors_sha256);
}

std::string InfoAsJson(const ModelInfo& info) {
  ordered_json stages = ordered_json::array(), tensors = ordered_json::array();
  for (const StageInfo& stage : info.stages) stages.push_back(StageAsJson(stage));
  for (const TensorFacts& tensor : info.tensors) {
    tensors.push_back({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
  }
  const ordered_json root = {
      {"name", info.name},
      {"version", info.version},
      {"license", info.license},
      {"description", info.description},
      {"sources", info.sources},
      {"text", {{"normalization", info.normalization}, {"sentences", info.sentences}}},
      {"schema", SchemaAsJson(info.schema)},
      {"stages", stages},
      {"parameters", info.parameters},
      {"file_bytes", info.file_bytes},
      {"tensors_sha256", Sha256AsJson(info)},
      {"isa", info.isa},
      {"packed", info.packed.empty() ? ordered_json(nullptr) : ordered_json(info.packed)},
      {"tensors", tensors}};
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string Joined(const std::vector<std::string>& items, const char* separator) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

// A fact a line. A model file is a stranger's: its strings reach the terminal without control
// characters.
class Facts {
 public:
  void Heading(const std::string& text) { out_ += "\n" + Printable(text) + "\n"; }

  void Fact(const std::string& name, const std::string& value) {
    constexpr std::size_t kNameWidth = 20;
    std::string line = "  " + name;
    line.append(line.size() < kNameWidth ? kNameWidth - line.size() : 1, ' ');
    out_ += Printable(line + value) + "\n";
  }

  void Fact(const std::string& name, std::uint64_t value) { Fact(name, std::to_string(value)); }

  std::string Take() { return std::move(out_); }

 private:
  static std::string Printable(std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      const bool c1 =
          c >= 0x80 && c < 0xA0 && i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xC2;
      if (c < 0x20 || c == 0x7F || c1) text[i] = c1 ? static_cast<char>(0xA0) : '?';
    }
    return text;
  }

  std::string out_;
};

void AddSchema(const SchemaInfo& schema, Facts& facts) {
  facts.Heading("schema " + schema.name);
  for (const EntityTypeInfo& type : schema.entity_types) {
    const std::string certainty =
        type.certainty ? " (" + std::string(CertaintyName(*type.certainty)) + ")" : "";
    facts.Fact(type.is_object ? "object" : "attribute", type.name + certainty);
  }
  for (const RelationTypeInfo& type : schema.relation_types) {
    facts.Fact("relation",
               type.name + ": " + Joined(type.heads, ", ") + " -> " + Joined(type.tails, ", "));
  }
}

void AddStage(const StageInfo& stage, Facts& facts) {
  facts.Heading(std::string("stage ") + StageName(stage.stage));
  facts.Fact("layers", stage.layers);
  facts.Fact("hidden size", stage.hidden_size);
  facts.Fact("attention heads", stage.attention_heads);
  facts.Fact("intermediate size", stage.intermediate_size);
  facts.Fact("max positions", stage.max_positions);
  facts.Fact("vocabulary", stage.vocabulary_size);
  facts.Fact("token types", stage.token_types);
  facts.Fact("activation", stage.activation);
  facts.Fact("LayerNorm eps", ordered_json(Shortened(stage.layer_norm_eps)).dump());
  if (stage.rope_theta > 0) facts.Fact("rope theta", ordered_json(stage.rope_theta).dump());
  if (!stage.tokenizer.empty()) facts.Fact("tokenizer", stage.tokenizer);
  if (!stage.labels.empty()) facts.Fact("labels", Joined(stage.labels, " "));
  for (const auto& [name, value] : stage.settings) facts.Fact(name, value);
}

std::string InfoAsText(const ModelInfo& info, bool verified) {
  Facts facts;
  facts.Heading("model " + info.name + " " + info.version);
  facts.Fact("license", info.license);
  if (!info.description.empty()) facts.Fact("description", info.description);
  for (const std::string& source : info.sources) facts.Fact("source", source);
  facts.Fact("normalization", info.normalization);
  facts.Fact("sentences", info.sentences);
  facts.Fact("parameters", info.parameters);
  facts.Fact("file bytes", info.file_bytes);
  if (!info.tensors_sha256.empty()) {
    facts.Fact("tensors' SHA-256", info.tensors_sha256 + (verified ? " (verified)" : ""));
  }
  if (!info.packed.empty()) facts.Fact("packed for", info.packed);
  facts.Fact("kernel set", info.isa);
  if (!info.schema.entity_types.empty()) AddSchema(info.schema, facts);
  for (const StageInfo& stage : info.stages) AddStage(stage, facts);
  facts.Heading(std::to_string(info.tensors.size()) + " tensors");
  for (const TensorFacts& tensor : info.tensors) {
    std::vector<std::string> shape;
    for (std::size_t extent : tensor.shape) shape.push_back(std::to_string(extent));
    std::string line = tensor.dtype;
    line += " [" + Joined(shape, ", ") + "]";
    if (line.size() < 18) line.append(18 - line.size(), ' ');
    facts.Fact(line, tensor.name);
  }
  return facts.Take().substr(1);  // without the empty line before the first heading
}

int RunInspect(const InspectCommand& command) {
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  StandardOutput().Write(command.json ? InfoAsJson(model->info())
                                      : InfoAsText(model->info(), command.model.verify_tensors));
  return kExitOk;
}

constexpr char kInspectFooter[] = R"(Examples:
  radie inspect my.radie
  radie inspect --json my.radie | jq .stages
  radie inspect --verify my.radie    is the file as radie-convert wrote it?

)";

}  // namespace

void AddInspect(CLI::App& app, Run& run) {
  auto command = std::make_shared<InspectCommand>();
  CLI::App* sub = app.add_subcommand("inspect", "Show what a model file holds");
  sub->add_option("model", command->model.path, "Model file (default: as for extract)")
      ->type_name("MODEL");
  AddDictionaryOptions(*sub, command->model);
  sub->add_flag("--json", command->json, "Print JSON");
  sub->add_flag(
      "--verify", command->model.verify_tensors,
      "Compare the tensors with the SHA-256 that the file stores; exit 3 when they differ");
  sub->footer(std::string(kInspectFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunInspect(*command); }; });
}

}  // namespace radie::tools
