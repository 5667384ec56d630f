#include "libradie/nn/embeddings.h"

#include <cstring>

#include "libradie/base/half.h"

namespace radie {

EmbeddingTable::EmbeddingTable(WeightSource& weights, const std::string& name, std::size_t rows,
                               std::size_t cols)
    : cols_(cols) {
  const TensorEntry& tensor = weights.Get(name, {rows, cols});
  if (tensor.dtype == DType::kF16) {
    halves_.resize(rows * cols);
    if (!halves_.empty()) std::memcpy(halves_.data(), tensor.data, tensor.bytes);
  } else {
    floats_ = ToFloats(tensor);
  }
}

void EmbeddingTable::Copy(std::size_t row, float* to) const {
  for (std::size_t i = 0; i < cols_; ++i) to[i] = 0.0f;
  Add(row, to);
}

void EmbeddingTable::Add(std::size_t row, float* to) const {
  if (halves_.empty()) {
    const float* from = floats_.data() + row * cols_;
    for (std::size_t i = 0; i < cols_; ++i) to[i] += from[i];
  } else {
    const std::uint16_t* from = halves_.data() + row * cols_;
    for (std::size_t i = 0; i < cols_; ++i) to[i] += WidenHalf(from[i]);
  }
}

Embeddings::Embeddings(WeightSource& weights, const std::string& scope, const EncoderConfig& config)
    : words_(weights, scope + "word_embeddings.weight", config.vocab_size, config.embedding_size),
      positions_(weights, scope + "position_embeddings.weight", config.max_positions,
                 config.embedding_size),
      types_(weights, scope + "token_type_embeddings.weight", config.type_vocab_size,
             config.embedding_size),
      norm_(weights, scope + "LayerNorm", config.embedding_size, config.layer_norm_eps) {}

void Embeddings::Forward(const kernels::KernelSet& kernels, std::span<const Token> tokens,
                         MatrixView states) const {
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    float* row = states.row(t);
    words_.Copy(tokens[t].id, row);
    types_.Add(tokens[t].type, row);
    positions_.Add(tokens[t].position, row);
  }
  norm_.Forward(kernels, states, {}, states);
}

}  // namespace radie
