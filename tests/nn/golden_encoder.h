// The golden encoders (tests/golden/README.md) and small safetensors files made in memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "libradie/model/config.h"
#include "libradie/model/model_file.h"
#include "libradie/model/weights.h"
#include "libradie/nn/bert_encoder.h"
#include "libradie/nn/tensor.h"

namespace radie {

inline const char* const kGoldenEncoders[] = {
    "h32_heads4", "h32_heads4_fp16", "h36_heads3", "h20_heads2",
    "h64_heads1", "h7_heads7",       "roberta",    "distilbert",
    "electra",    "electra_fp16",    "roformer",   "roformer_h20_heads2"};

inline std::string GoldenEncoderPath(const std::string& name, const std::string& suffix) {
  return RADIE_SOURCE_DIR "/tests/golden/encoder_" + name + suffix;
}

inline BertEncoder LoadGoldenEncoder(const std::string& name, const Arithmetic& arithmetic) {
  const ModelFile file = ModelFile::Open(GoldenEncoderPath(name, ".radie"), false);
  const ModelConfig config = ParseModelConfig(file);
  WeightSource weights(file);
  BertEncoder encoder(weights, "encoder.", config.encoder->encoder, arithmetic);
  weights.RequireAllUsed();
  return encoder;
}

// What the encoder writes, in a matrix of its own.
inline Tensor Encode(const BertEncoder& encoder, const RaggedBatch& batch, ThreadPool& pool,
                     const BertEncoder::LayerObserver& observer = {}) {
  Tensor states(batch.tokens(), encoder.config().hidden_size);
  encoder.Encode(batch, pool, states.view(), observer);
  return states;
}

inline Tensor EncodeRows(const BertEncoder& encoder, const RaggedBatch& batch,
                         std::span<const std::size_t> rows, ThreadPool& pool) {
  Tensor states(rows.size(), encoder.config().hidden_size);
  encoder.EncodeRows(batch, rows, pool, states.view());
  return states;
}

// A safetensors file of the tests' own, with the I32 tensors that radie's reader does not know.
class ExpectedTensors {
 public:
  explicit ExpectedTensors(const std::string& name) {
    std::ifstream file(GoldenEncoderPath(name, ".expected.safetensors"), std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), sizeof(length));
    header_ = nlohmann::json::parse(bytes_.substr(8, length));
    data_ = 8 + length;
  }

  bool Has(const std::string& name) const { return header_.contains(name); }

  template <typename T>
  std::vector<T> Read(const std::string& name) const {
    const nlohmann::json& offsets = header_.at(name).at("data_offsets");
    const std::size_t begin = offsets.at(0), end = offsets.at(1);
    std::vector<T> values((end - begin) / sizeof(T));
    std::memcpy(values.data(), bytes_.data() + data_ + begin, end - begin);
    return values;
  }

  // The sequence lengths K for which there is an `ids.K`.
  std::vector<std::size_t> Lengths() const {
    std::vector<std::size_t> lengths;
    for (const auto& [name, entry] : header_.items()) {
      if (name.rfind("ids.", 0) == 0) lengths.push_back(std::stoul(name.substr(4)));
    }
    return lengths;
  }

 private:
  std::string bytes_;
  nlohmann::json header_;
  std::size_t data_ = 0;
};

// The bytes of a safetensors file with fp32 tensors.
class SafetensorsBuilder {
 public:
  void Add(const std::string& name, const std::vector<std::size_t>& shape,
           const std::vector<float>& values) {
    AddAs("F32", name, shape, values);
  }

  // As the file's type `dtype`, of which `values` are the elements.
  template <class Element>
  void AddAs(const std::string& dtype, const std::string& name,
             const std::vector<std::size_t>& shape, const std::vector<Element>& values) {
    const std::size_t begin = data_.size();
    data_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Element));
    header_[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, data_.size()}}};
  }

  ModelFile Build() const {
    const std::string header = header_.dump();
    const std::uint64_t length = header.size();
    std::string file(reinterpret_cast<const char*>(&length), sizeof(length));
    file += header + data_;
    return ModelFile::FromMemory(file.data(), file.size());
  }

 private:
  nlohmann::json header_ = nlohmann::json::object();
  std::string data_;
};

}  // namespace radie
