#include "libradie/nn/embeddings.h"

#include <algorithm>

#include "libradie/base/half.h"
#include "libradie/base/thread_pool.h"

namespace radie {
namespace {

// The values of a packed file's tables are not looked at: that would read all of them into memory
// when the model loads.
const TensorEntry& FindTable(WeightSource& weights, const std::string& name, std::size_t rows,
                             std::size_t cols) {
  if (weights.packed() == nullptr) return weights.Get(name, {rows, cols});
  const TensorEntry& tensor = weights.GetUnread(name, {rows, cols});
  if (tensor.dtype == DType::kI8) return weights.Get(name, {rows, cols});  // which refuses it
  return tensor;
}

}  // namespace

EmbeddingTable::EmbeddingTable(WeightSource& weights, const std::string& name, std::size_t rows,
                               std::size_t cols)
    : cols_(cols) {
  const TensorEntry& tensor = FindTable(weights, name, rows, cols);
  dtype_ = tensor.dtype;
  table_ = tensor.data;
  const bool aligned =
      reinterpret_cast<std::uintptr_t>(tensor.data) % ElementBytes(tensor.dtype) == 0;
  if (weights.packed() != nullptr && aligned) return;
  own_ = weights.memory().Take(tensor.bytes);
  ForPieces(weights.pool(), tensor.bytes, [&](std::size_t begin, std::size_t end) {
    std::copy(tensor.data + begin, tensor.data + end, own_.get() + begin);
  });
  table_ = own_.get();
  weights.Copied(tensor);
}

void EmbeddingTable::Copy(std::size_t row, float* to) const {
  for (std::size_t i = 0; i < cols_; ++i) to[i] = 0.0f;
  Add(row, to);
}

template <typename Element, typename Widen>
void EmbeddingTable::AddRow(std::size_t row, float* to, const Widen& widen) const {
  const auto* from = reinterpret_cast<const Element*>(table_) + row * cols_;
  for (std::size_t i = 0; i < cols_; ++i) to[i] += widen(from[i]);
}

void EmbeddingTable::Add(std::size_t row, float* to) const {
  switch (dtype_) {
    case DType::kF32:
      return AddRow<float>(row, to, [](float value) { return value; });
    case DType::kF16:
      return AddRow<std::uint16_t>(row, to, [](std::uint16_t bits) { return WidenHalf(bits); });
    case DType::kBF16:
      return AddRow<std::uint16_t>(row, to, [](std::uint16_t bits) { return WidenBfloat16(bits); });
    case DType::kI8:
      return;  // refused by the constructor
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
