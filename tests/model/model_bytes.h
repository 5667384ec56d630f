// Model files put together in the test.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "libradie/model/model_file.h"
#include "tests/refusal.h"

namespace radie::testing {

using Json = nlohmann::ordered_json;

// Header length, header, buffer.
inline std::string FileBytesOf(const std::string& header, const std::string& buffer) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(std::uint64_t{header.size()} >> (8 * i));
  return bytes + header + buffer;
}

inline ModelFile FromBytes(const std::string& bytes) {
  return ModelFile::FromMemory(bytes.data(), bytes.size());
}

inline std::string ReadGolden(const std::string& name) {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The metadata of a well-formed model with both stages; strings as they stand, structured values as
// JSON.
inline Json WholeMetadata() {
  const Json encoder = {
      {"hidden_size", 4},       {"num_hidden_layers", 1}, {"num_attention_heads", 2},
      {"intermediate_size", 8}, {"vocab_size", 11},       {"max_position_embeddings", 16},
      {"type_vocab_size", 2},   {"hidden_act", "gelu"},   {"layer_norm_eps", 1e-12}};
  const Json tokenizer = {{"profile", "char"},
                          {"vocab", "shared"},
                          {"unk_token", "[UNK]"},
                          {"cls_token", "[CLS]"},
                          {"sep_token", "[SEP]"}};
  Json metadata;
  metadata["format"] = "radie";
  metadata["format_version"] = "1";
  metadata["model"] = {
      {"name", "tiny"},
      {"version", "3"},
      {"license", "Apache-2.0"},
      {"description", "made in a test"},
      {"sources", {{{"role", "entities"}, {"file", "a.bin"}, {"sha256", "00ff"}}}}};
  metadata["text"] = {{"normalization", "radiology-ja"}, {"sentences", "none"}};
  metadata["schema"] = {
      {"name", "two"},
      {"entity_types",
       {{{"name", "Obj"}, {"role", "object"}}, {{"name", "Att"}, {"role", "attribute"}}}},
      {"relation_types", {{{"name", "modify"}, {"heads", {"Att"}}, {"tails", {"Obj"}}}}}};
  metadata["entities"] = {{"encoder", encoder},
                          {"tokenizer", tokenizer},
                          {"labels", {"O", "B-Obj", "I-Obj", "B-Att", "I-Att"}},
                          {"head", "crf"}};
  metadata["relations"] = {{"encoder", encoder},
                           {"tokenizer", tokenizer},
                           {"labels", {"none", "modify"}},
                           {"layout", "pair"},
                           {"markers",
                            {{"head_start", "<{type}>"},
                             {"head_end", "</{type}>"},
                             {"tail_start", "<{type}>"},
                             {"tail_end", "</{type}>"}}},
                           {"pooling", "both"},
                           {"combine", "concat"},
                           {"context_tokens", 6},
                           {"scope", {{"kind", "tokens"}, {"limit", 9}}}};
  metadata["vocab.shared"] = {"[PAD]", "[UNK]", "[CLS]",  "[SEP]", "a",     "b",
                              "c",     "<Obj>", "</Obj>", "<Att>", "</Att>"};
  return metadata;
}

// A file of such metadata and no tensors.
inline std::string MetadataFile(const Json& metadata) {
  Json strings = Json::object();
  for (const auto& [key, value] : metadata.items()) {
    strings[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return FileBytesOf(Json{{"__metadata__", strings}}.dump(), "");
}

}  // namespace radie::testing
