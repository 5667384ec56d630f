// From token ids to the encoder's first hidden states.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "libradie/base/dtype.h"
#include "libradie/base/weight_memory.h"
#include "libradie/kernels/kernels.h"
#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/layer_norm.h"

namespace radie {

// One vector an id, in the file's own precision. Immutable and thread-safe. Of a packed file
// it uses the table where it is, as stored_panels.h does panels; of any other it keeps a copy.
class EmbeddingTable {
 public:
  // Finds the tensor `name` [rows, cols]. Throws Error(kInvalidModel).
  EmbeddingTable(WeightSource& weights, const std::string& name, std::size_t rows,
                 std::size_t cols);

  // to[i] = row[i]; to[i] += row[i].
  void Copy(std::size_t row, float* to) const;
  void Add(std::size_t row, float* to) const;

 private:
  template <typename Element, typename Widen>
  void AddRow(std::size_t row, float* to, const Widen& widen) const;

  std::size_t cols_;
  DType dtype_;
  WeightMemory::Block own_;  // null where the table is the file's
  const std::byte* table_;   // in own_, or in the file; aligned to its elements
};

// Word + token type + position, then LayerNorm: rows of embedding_size. Immutable and thread-safe.
class Embeddings {
 public:
  // Finds its weights under scope + "word_embeddings.weight" and so on. Throws
  // Error(kInvalidModel).
  Embeddings(WeightSource& weights, const std::string& scope, const EncoderConfig& config);

  struct Token {
    std::size_t id, type, position;
  };

  // states: one row a token, embedding_size columns.
  void Forward(const kernels::KernelSet& kernels, std::span<const Token> tokens,
               MatrixView states) const;

 private:
  EmbeddingTable words_, positions_, types_;
  LayerNorm norm_;
};

}  // namespace radie
