// BERT-base with random weights, made in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "bench/random_model.h"
#include "libradie/kernels/kernels.h"
#include "libradie/model/model_file.h"
#include "libradie/model/weights.h"
#include "libradie/nn/bert_encoder.h"

namespace radie {

inline EncoderConfig BertBase() {
  EncoderConfig config;
  config.layers = 12, config.hidden_size = 768, config.attention_heads = 12,
  config.intermediate_size = 3072;
  config.vocab_size = 1000;  // the table's size has no influence on the time
  config.max_positions = 512, config.type_vocab_size = 2, config.embedding_size = 768;
  return config;
}

inline ModelFile MakeModel(const EncoderConfig& config) {
  const std::size_t h = config.hidden_size, inner = config.intermediate_size;
  RandomModel model;
  model.Add("bert.embeddings.word_embeddings.weight", config.vocab_size, h);
  model.Add("bert.embeddings.position_embeddings.weight", config.max_positions, h);
  model.Add("bert.embeddings.token_type_embeddings.weight", config.type_vocab_size, h);
  model.AddPair("bert.embeddings.LayerNorm", h);
  for (std::size_t n = 0; n < config.layers; ++n) {
    const std::string layer = "bert.encoder.layer." + std::to_string(n) + ".";
    for (const char* part : {"query", "key", "value"})
      model.AddPair(layer + "attention.self." + part, h, h);
    model.AddPair(layer + "attention.output.dense", h, h);
    model.AddPair(layer + "attention.output.LayerNorm", h);
    model.AddPair(layer + "intermediate.dense", inner, h);
    model.AddPair(layer + "output.dense", h, inner);
    model.AddPair(layer + "output.LayerNorm", h);
  }
  return model.Build();
}

// One encoder a kernel set and type of products, made on first use and shared by its benchmarks.
class Encoders {
 public:
  const BertEncoder& Get(const kernels::KernelSet& set, DType dtype) {
    if (set_ != &set || dtype_ != dtype) {
      encoder_.reset();  // before the next one is made: each takes some 350 MB
      const ModelFile file = MakeModel(BertBase());
      WeightSource weights(file);
      encoder_ = std::make_unique<BertEncoder>(weights, "", BertBase(), Arithmetic(set, dtype));
      set_ = &set, dtype_ = dtype;
    }
    return *encoder_;
  }

 private:
  const kernels::KernelSet* set_ = nullptr;
  DType dtype_ = DType::kF32;
  std::unique_ptr<BertEncoder> encoder_;
};

struct NamedType {
  DType dtype;
  const char* name;
};
inline constexpr NamedType kTypes[] = {
    {DType::kF32, "fp32"}, {DType::kF16, "fp16"}, {DType::kBF16, "bf16"}, {DType::kI8, "int8"}};

}  // namespace radie
