// A loaded model: weights, vocabulary and information model. See docs/model-format.md for the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "radie/error.h"  // IWYU pragma: keep (what its functions throw)
#include "radie/export.h"
#include "radie/options.h"
#include "radie/report.h"

namespace radie {

namespace internal {
struct LoadedModel;
}

enum class Stage {
  kEntities,   // the tagger's encoder
  kRelations,  // the relation classifier's encoder
  kEncoder,    // the encoder of an encoder-only file
};

// "entities", "relations", "encoder"; nothing for an unknown name.
RADIE_API const char* StageName(Stage stage) noexcept;
RADIE_API std::optional<Stage> StageFromName(std::string_view name) noexcept;

struct EntityTypeInfo {
  std::string name;
  bool is_object = false;                        // role "object"; otherwise "attribute"
  std::optional<CertaintyClass> certainty = {};  // the class that the type itself says
};

struct RelationTypeInfo {
  std::string name;
  std::vector<std::string> heads;  // entity types allowed as head
  std::vector<std::string> tails;
};

struct SchemaInfo {
  std::string name;
  std::vector<EntityTypeInfo> entity_types;
  std::vector<RelationTypeInfo> relation_types;
};

struct StageInfo {
  Stage stage = Stage::kEncoder;
  std::size_t layers = 0, hidden_size = 0, attention_heads = 0, intermediate_size = 0;
  std::size_t max_positions = 0, vocabulary_size = 0, token_types = 0;
  std::string activation;
  double layer_norm_eps = 0;
  double rope_theta = 0;            // of rotary positions; 0: none
  std::string precision;            // in use: "fp32", "fp16", "bf16" or "int8"
  std::string tokenizer;            // profile; empty when the stage has none
  std::vector<std::string> labels;  // empty for Stage::kEncoder
  std::vector<std::pair<std::string, std::string>>
      settings;  // head, layout, pooling, …: name and value, for people
};

struct TensorFacts {
  std::string name;
  std::string dtype;  // "F32", "F16", "BF16" or "I8"
  std::vector<std::size_t> shape;
};

struct ModelInfo {
  std::string name, version, license, description;
  std::vector<std::string> sources;      // one line each: role, file name, SHA-256
  std::string normalization, sentences;  // names; a list of steps in one line
  SchemaInfo schema;
  std::vector<StageInfo> stages;
  std::vector<TensorFacts> tensors;  // in file order
  std::uint64_t parameters = 0;
  std::uint64_t file_bytes = 0;
  std::string tensors_sha256;  // as the file says, not computed; empty when it stores none
  std::string isa;             // the kernel set in use

  // Of a packed file (radie/pack.h), what it is packed for, in a line for people; else empty.
  // `parameters` are then those of the file that was packed.
  std::string packed;
};

// Immutable after loading and safe to share between threads and extractors.
class RADIE_API Model {
 public:
  // Reads and checks the file. Throws Error (kIo, kInvalidModel, kUnsupportedModel,
  // kInvalidArgument). A packed file (radie/pack.h) is used where it is: processes that map the
  // same one share its memory.
  static std::shared_ptr<const Model> Load(const std::string& path,
                                           const LoadOptions& options = {});

  // The same from memory; the bytes are copied and need not outlive the call.
  static std::shared_ptr<const Model> LoadFromMemory(const void* bytes, std::size_t size,
                                                     const LoadOptions& options = {});

  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelInfo& info() const noexcept;
  bool has_stage(Stage stage) const noexcept;

  // For the library's own use.
  const internal::LoadedModel& loaded() const noexcept { return *loaded_; }

 private:
  explicit Model(std::unique_ptr<const internal::LoadedModel> loaded);
  std::unique_ptr<const internal::LoadedModel> loaded_;
};

}  // namespace radie
