// Encoders of any shape with random weights, and how far two results are from each other.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/nn/golden_encoder.h"

namespace radie {

// An encoder's weights; those of its layers spread by `spread`, scaled to their width. BERT-base
// begins with 0.554.
class RandomWeights {
 public:
  RandomWeights(const EncoderConfig& config, float spread) : spread_(spread) {
    const std::size_t h = config.hidden_size, inner = config.intermediate_size;
    Table("bert.embeddings.word_embeddings.weight", config.vocab_size, h);
    Table("bert.embeddings.position_embeddings.weight", config.max_positions, h);
    Table("bert.embeddings.token_type_embeddings.weight", config.type_vocab_size, h);
    Norm("bert.embeddings.LayerNorm", h);
    for (std::size_t n = 0; n < config.layers; ++n) {
      const std::string layer = "bert.encoder.layer." + std::to_string(n) + ".";
      for (const char* part : {"query", "key", "value"}) {
        Linear(layer + "attention.self." + part, h, h);
      }
      Linear(layer + "attention.output.dense", h, h);
      Norm(layer + "attention.output.LayerNorm", h);
      Linear(layer + "intermediate.dense", inner, h);
      Linear(layer + "output.dense", h, inner);
      Norm(layer + "output.LayerNorm", h);
    }
  }

  ModelFile Build() const { return file_.Build(); }

 private:
  std::vector<float> Draw(std::size_t count, float spread) {
    std::normal_distribution<float> draw(0.0f, spread);
    std::vector<float> values(count);
    for (float& value : values) value = draw(random_);
    return values;
  }
  void Table(const std::string& name, std::size_t rows, std::size_t cols) {
    file_.Add(name, {rows, cols}, Draw(rows * cols, 1.0f));
  }
  void Linear(const std::string& scope, std::size_t outputs, std::size_t inputs) {
    const float spread = spread_ / std::sqrt(static_cast<float>(inputs));
    file_.Add(scope + ".weight", {outputs, inputs}, Draw(outputs * inputs, spread));
    file_.Add(scope + ".bias", {outputs}, Draw(outputs, 0.02f));
  }
  void Norm(const std::string& scope, std::size_t size) {
    file_.Add(scope + ".weight", {size}, std::vector<float>(size, 1.0f));
    file_.Add(scope + ".bias", {size}, std::vector<float>(size, 0.0f));
  }

  const float spread_;
  std::mt19937 random_{3};
  SafetensorsBuilder file_;
};

// The root mean square of the difference, as a share of that of `expected`.
inline double RelativeRms(ConstMatrixView states, ConstMatrixView expected) {
  double error = 0, size = 0;
  for (std::size_t r = 0; r < expected.rows; ++r) {
    for (std::size_t c = 0; c < expected.cols; ++c) {
      const double right = expected.row(r)[c];
      error += (states.row(r)[c] - right) * (states.row(r)[c] - right);
      size += right * right;
    }
  }
  return std::sqrt(error / size);
}

}  // namespace radie
