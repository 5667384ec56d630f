#include "tools/bench_model.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "tools/random_numbers.h"

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::size_t kVocabulary = 1000, kPositions = 512, kTokenTypes = 2;

struct Sizes {
  const char* name;
  std::size_t layers, hidden, heads, inner;
};
constexpr Sizes kSizes[] = {{"bert-base", 12, 768, 12, 3072},
                            {"bert-small", 4, 512, 8, 2048},
                            {"bert-mini", 4, 256, 4, 1024},
                            {"demo", 4, 192, 4, 768}};

class RandomTensors {
 public:
  void AddMatrix(const std::string& name, std::size_t rows, std::size_t cols) {
    Add("encoder.bert." + name, {rows, cols}, 0.0f);
  }
  void AddLinear(const std::string& name, std::size_t outputs, std::size_t inputs) {
    AddMatrix(name + ".weight", outputs, inputs);
    Add("encoder.bert." + name + ".bias", {outputs}, 0.0f);
  }
  void AddLayerNorm(const std::string& name, std::size_t size) {
    Add("encoder.bert." + name + ".weight", {size}, 1.0f);
    Add("encoder.bert." + name + ".bias", {size}, 0.0f);
  }

  std::string File(const ordered_json& metadata) const {
    ordered_json header = tensors_;
    header["__metadata__"] = metadata;
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const std::uint64_t size = text.size();
    std::string file(reinterpret_cast<const char*>(&size), sizeof size);
    file.reserve(sizeof size + text.size() + data_.size());
    return file.append(text).append(data_);
  }

 private:
  // Within 0.05 of `middle`.
  void Add(const std::string& name, const std::vector<std::size_t>& shape, float middle) {
    const std::size_t begin = data_.size();
    std::size_t count = 1;
    for (std::size_t extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values) {
      value = middle + 0.1f * static_cast<float>(random_.Fraction() - 0.5);
    }
    data_.append(reinterpret_cast<const char*>(values.data()), count * sizeof(float));
    tensors_[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data_.size()}}};
  }

  RandomNumbers random_{1};
  ordered_json tensors_;
  std::string data_;
};

RandomTensors MakeTensors(const Sizes& sizes) {
  RandomTensors tensors;
  tensors.AddMatrix("embeddings.word_embeddings.weight", kVocabulary, sizes.hidden);
  tensors.AddMatrix("embeddings.position_embeddings.weight", kPositions, sizes.hidden);
  tensors.AddMatrix("embeddings.token_type_embeddings.weight", kTokenTypes, sizes.hidden);
  tensors.AddLayerNorm("embeddings.LayerNorm", sizes.hidden);
  for (std::size_t n = 0; n < sizes.layers; ++n) {
    const std::string layer = "encoder.layer." + std::to_string(n) + ".";
    for (const char* part : {"query", "key", "value"}) {
      tensors.AddLinear(layer + "attention.self." + part, sizes.hidden, sizes.hidden);
    }
    tensors.AddLinear(layer + "attention.output.dense", sizes.hidden, sizes.hidden);
    tensors.AddLayerNorm(layer + "attention.output.LayerNorm", sizes.hidden);
    tensors.AddLinear(layer + "intermediate.dense", sizes.inner, sizes.hidden);
    tensors.AddLinear(layer + "output.dense", sizes.hidden, sizes.inner);
    tensors.AddLayerNorm(layer + "output.LayerNorm", sizes.hidden);
  }
  return tensors;
}

ordered_json Metadata(const Sizes& sizes) {
  const ordered_json model = {{"name", sizes.name},
                              {"version", "1"},
                              {"license", "none"},
                              {"description", "random weights"},
                              {"sources", ordered_json::array()}};
  const ordered_json text = {{"normalization", "none"}, {"sentences", "none"}};
  const ordered_json encoder = {{"hidden_size", sizes.hidden},
                                {"num_hidden_layers", sizes.layers},
                                {"num_attention_heads", sizes.heads},
                                {"intermediate_size", sizes.inner},
                                {"vocab_size", kVocabulary},
                                {"max_position_embeddings", kPositions},
                                {"type_vocab_size", kTokenTypes},
                                {"hidden_act", "gelu"},
                                {"layer_norm_eps", 1e-12}};
  return {{"format", "radie"},
          {"format_version", "1"},
          {"model", model.dump()},
          {"text", text.dump()},
          {"encoder", ordered_json({{"encoder", encoder}}).dump()}};
}

}  // namespace

std::vector<std::string> RandomEncoderNames() {
  std::vector<std::string> names;
  for (const Sizes& sizes : kSizes) names.push_back(sizes.name);
  return names;
}

std::string RandomEncoderModel(const std::string& name) {
  for (const Sizes& sizes : kSizes) {
    if (name == sizes.name) return MakeTensors(sizes).File(Metadata(sizes));
  }
  return "";
}

}  // namespace radie::tools
