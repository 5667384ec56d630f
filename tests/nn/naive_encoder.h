// The encoder as docs/model-format.md has it, row by row in double: a twin for tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "libradie/nn/ragged_batch.h"
#include "libradie/nn/tensor.h"

namespace radie {

// Of weights without scope, embedding_size equal to hidden_size, and gelu with erf.
class NaiveEncoder {
 public:
  NaiveEncoder(const ModelFile& file, const EncoderConfig& config)
      : config_(config), weights_(file) {}

  Tensor Encode(const RaggedBatch& batch) {
    std::vector<Row> x = Embed(batch);
    for (std::size_t n = 0; n < config_.layers; ++n) {
      Layer("bert.encoder.layer." + std::to_string(n) + ".", batch, x);
    }
    Tensor states(x.size(), config_.hidden_size);
    for (std::size_t r = 0; r < x.size(); ++r) {
      std::copy(x[r].begin(), x[r].end(), states.view().row(r));
    }
    return states;
  }

 private:
  using Row = std::vector<double>;

  const std::vector<float>& Weights(const std::string& name,
                                    std::initializer_list<std::size_t> shape) {
    const auto found = read_.find(name);
    if (found != read_.end()) return found->second;
    return read_.emplace(name, weights_.GetFloats(name, shape)).first->second;
  }

  static std::size_t PlaceOf(const RaggedBatch& batch, std::size_t s, std::size_t row) {
    return batch.positions.empty() ? row - batch.offsets[s]
                                   : static_cast<std::size_t>(batch.positions[row]);
  }

  // A text reads itself; a marker the text and its own group.
  static bool Reads(const RaggedBatch& batch, std::size_t s, std::size_t row, std::size_t other) {
    const std::size_t end = batch.text_end(s);
    if (other < end) return true;
    return row >= end && (row - end) / MarkerGroup::kRows == (other - end) / MarkerGroup::kRows;
  }

  Row Linear(const std::string& scope, std::size_t outputs, const Row& x) {
    const std::vector<float>& weight = Weights(scope + ".weight", {outputs, x.size()});
    const std::vector<float>& bias = Weights(scope + ".bias", {outputs});
    Row y(bias.begin(), bias.end());
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += x[i] * double{weight[o * x.size() + i]};
    }
    return y;
  }

  // x ← LayerNorm(x + more).
  void AddNorm(const std::string& scope, const Row& more, Row& x) {
    const std::vector<float>& gamma = Weights(scope + ".weight", {x.size()});
    const std::vector<float>& beta = Weights(scope + ".bias", {x.size()});
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += more[i];
    for (const double value : x) mean += value / static_cast<double>(x.size());
    for (const double value : x) {
      variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
    }
    const double spread = std::sqrt(variance + double{config_.layer_norm_eps});
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = (x[i] - mean) / spread * double{gamma[i]} + double{beta[i]};
    }
  }

  std::vector<Row> Embed(const RaggedBatch& batch) {
    const std::size_t h = config_.hidden_size;
    const std::string scope = "bert.embeddings.";
    const auto& words = Weights(scope + "word_embeddings.weight", {config_.vocab_size, h});
    const auto& places = Weights(scope + "position_embeddings.weight", {config_.max_positions, h});
    const auto& types =
        Weights(scope + "token_type_embeddings.weight", {config_.type_vocab_size, h});
    std::vector<Row> x(batch.tokens(), Row(h));
    for (std::size_t s = 0; s < batch.sequences(); ++s) {
      for (std::size_t r = batch.offsets[s]; r < batch.offsets[s + 1]; ++r) {
        const auto id = static_cast<std::size_t>(batch.ids[r]);
        for (std::size_t i = 0; i < h; ++i) {
          x[r][i] = double{words[id * h + i]} + double{types[i]} +
                    double{places[PlaceOf(batch, s, r) * h + i]};
        }
        AddNorm(scope + "LayerNorm", Row(h), x[r]);
      }
    }
    return x;
  }

  // A query or key, of whose heads each pair is turned.
  Row Turned(Row x, std::size_t position) const {
    const std::size_t size = config_.HeadSize();
    for (std::size_t i = 0; config_.rope_theta && i < x.size(); i += 2) {
      const double share = static_cast<double>(i % size) / static_cast<double>(size);
      const double angle = static_cast<double>(position) * std::pow(*config_.rope_theta, -share);
      const double x0 = x[i], x1 = x[i + 1];
      x[i] = x0 * std::cos(angle) - x1 * std::sin(angle);
      x[i + 1] = x1 * std::cos(angle) + x0 * std::sin(angle);
    }
    return x;
  }

  // What row r of sequence s takes from all that it reads, all heads.
  Row Attend(const RaggedBatch& batch, std::size_t s, std::size_t r, const std::vector<Row>& q,
             const std::vector<Row>& k, const std::vector<Row>& v) const {
    const std::size_t size = config_.HeadSize();
    Row context(config_.hidden_size);
    for (std::size_t first = 0; first < config_.hidden_size; first += size) {
      double total = 0;
      for (std::size_t other = batch.offsets[s]; other < batch.offsets[s + 1]; ++other) {
        if (!Reads(batch, s, r, other)) continue;
        double score = 0;
        for (std::size_t i = first; i < first + size; ++i) score += q[r][i] * k[other][i];
        const double weight = std::exp(score / std::sqrt(static_cast<double>(size)));
        total += weight;
        for (std::size_t i = first; i < first + size; ++i) context[i] += weight * v[other][i];
      }
      for (std::size_t i = first; i < first + size; ++i) context[i] /= total;
    }
    return context;
  }

  void Layer(const std::string& scope, const RaggedBatch& batch, std::vector<Row>& x) {
    const std::size_t h = config_.hidden_size;
    std::vector<Row> q, k, v;
    for (std::size_t s = 0; s < batch.sequences(); ++s) {
      for (std::size_t r = batch.offsets[s]; r < batch.offsets[s + 1]; ++r) {
        const std::size_t position = PlaceOf(batch, s, r);
        q.push_back(Turned(Linear(scope + "attention.self.query", h, x[r]), position));
        k.push_back(Turned(Linear(scope + "attention.self.key", h, x[r]), position));
        v.push_back(Linear(scope + "attention.self.value", h, x[r]));
      }
    }
    for (std::size_t s = 0; s < batch.sequences(); ++s) {
      for (std::size_t r = batch.offsets[s]; r < batch.offsets[s + 1]; ++r) {
        const Row context = Attend(batch, s, r, q, k, v);
        AddNorm(scope + "attention.output.LayerNorm",
                Linear(scope + "attention.output.dense", h, context), x[r]);
        Row inner = Linear(scope + "intermediate.dense", config_.intermediate_size, x[r]);
        for (double& value : inner) value *= 0.5 * (1 + std::erf(value / std::sqrt(2.0)));
        AddNorm(scope + "output.LayerNorm", Linear(scope + "output.dense", h, inner), x[r]);
      }
    }
  }

  const EncoderConfig config_;
  WeightSource weights_;
  std::map<std::string, std::vector<float>> read_;
};

}  // namespace radie
