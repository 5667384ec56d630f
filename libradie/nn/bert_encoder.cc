#include "libradie/nn/bert_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/checked.h"
#include "libradie/nn/embeddings.h"
#include "libradie/nn/layer_norm.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/prepared_rows.h"
#include "libradie/nn/work_plan.h"

namespace radie {
namespace {

std::array<std::string, 3> QueryKeyValue(const std::string& scope) {
  return {scope + "attention.self.query", scope + "attention.self.key",
          scope + "attention.self.value"};
}

// Floats from row to row: whole cache lines, and not a multiple of 1 KiB, at which the rows of a
// tile would fall on the same few lines of the first-level cache.
std::size_t StrideOf(std::size_t cols) {
  const std::size_t lines = (cols + 15) / 16 * 16;
  return lines % 256 == 0 ? lines + 16 : lines;
}

// The matrices between the layers' operators, in one allocation. `inner` takes the place of qkv and
// context, which are no longer needed when it is written.
struct Workspace {
  Workspace(std::size_t tokens, const EncoderConfig& config) {
    const std::size_t h = config.hidden_size;
    const std::size_t wide =
        std::max(StrideOf(3 * h) + StrideOf(h), StrideOf(config.intermediate_size));
    const std::optional<std::size_t> floats = CheckedMultiply(tokens, wide + StrideOf(h));
    const std::optional<std::size_t> bytes =
        floats ? CheckedMultiply(*floats, sizeof(float)) : floats;
    if (!bytes) throw std::bad_alloc();
    buffer = AlignedBuffer(*bytes);
    qkv = {buffer.floats(), tokens, 3 * h, StrideOf(3 * h)};
    context = {qkv.data + tokens * qkv.stride, tokens, h, StrideOf(h)};
    inner = {buffer.floats(), tokens, config.intermediate_size, StrideOf(config.intermediate_size)};
    projected = {buffer.floats() + tokens * wide, tokens, h, StrideOf(h)};
  }

  AlignedBuffer buffer;
  MatrixView qkv, context, inner, projected;
};

// What the layers of one pass share.
struct Pass {
  const EncoderConfig& config;
  const WorkPlan& plan;
  const Workspace& work;
  const PreparedRows& prepared;

  void Product(const Linear& linear, ConstMatrixView x, Activation activation, MatrixView y) const {
    plan.Product(linear, prepared.OperandOf(linear, x), activation, y);
  }
  void Prepare(const Linear& linear, ConstMatrixView x) const {
    if (linear.prepared_bytes() == 0) return;
    plan.Rows([&](std::size_t begin, std::size_t end) { prepared.Prepare(linear, x, begin, end); });
  }
};

// One transformer layer: states ← LayerNorm(states + attention), then states ← LayerNorm(states +
// feed-forward).
class Layer {
 public:
  Layer(WeightSource& weights, const std::string& scope, const EncoderConfig& config,
        const Arithmetic& arithmetic)
      : qkv_(weights, QueryKeyValue(scope), config.hidden_size, config.hidden_size, arithmetic),
        attention_output_(weights, scope + "attention.output.dense", config.hidden_size,
                          config.hidden_size, arithmetic),
        attention_norm_(weights, scope + "attention.output.LayerNorm", config.hidden_size,
                        config.layer_norm_eps),
        intermediate_(weights, scope + "intermediate.dense", config.intermediate_size,
                      config.hidden_size, arithmetic),
        output_(weights, scope + "output.dense", config.hidden_size, config.intermediate_size,
                arithmetic),
        output_norm_(weights, scope + "output.LayerNorm", config.hidden_size,
                     config.layer_norm_eps) {}

  // The first product, which reads the states; they must be prepared for it.
  const Linear& first() const { return qkv_; }

  // Prepares the new states for `next`, the first product of the layer that follows, unless this is
  // the last one (nullptr).
  void Forward(const Pass& pass, MatrixView states, const Linear* next) const {
    const EncoderConfig& config = pass.config;
    const Workspace& work = pass.work;
    const std::size_t h = config.hidden_size, size = h / config.attention_heads;
    pass.Product(qkv_, states, Activation::kNone, work.qkv);
    const ConstMatrixView qkv = work.qkv;
    pass.plan.Attention({qkv.Cols(0, h), qkv.Cols(h, 2 * h), qkv.Cols(2 * h, 3 * h), work.context,
                         config.attention_heads, size, 1.0f / std::sqrt(static_cast<float>(size))});
    pass.Prepare(attention_output_, work.context);
    pass.Product(attention_output_, work.context, Activation::kNone, work.projected);
    AddNorm(attention_norm_, pass, states, &intermediate_);
    pass.Product(intermediate_, states, config.activation, work.inner);
    pass.Prepare(output_, work.inner);
    pass.Product(output_, work.inner, Activation::kNone, work.projected);
    AddNorm(output_norm_, pass, states, next);
  }

  // The most bytes that a row takes for one of the products.
  std::size_t prepared_bytes() const {
    return std::max({qkv_.prepared_bytes(), attention_output_.prepared_bytes(),
                     intermediate_.prepared_bytes(), output_.prepared_bytes()});
  }

 private:
  static void AddNorm(const LayerNorm& norm, const Pass& pass, MatrixView states,
                      const Linear* next) {
    pass.plan.Rows([&](std::size_t begin, std::size_t end) {
      norm.Forward(pass.plan.kernels(), pass.work.projected.Rows(begin, end),
                   states.Rows(begin, end), states.Rows(begin, end));
      if (next != nullptr) pass.prepared.Prepare(*next, states, begin, end);
    });
  }

  Linear qkv_, attention_output_;
  LayerNorm attention_norm_;
  Linear intermediate_, output_;
  LayerNorm output_norm_;
};

std::vector<Embeddings::Token> TokensOf(const RaggedBatch& batch) {
  std::vector<Embeddings::Token> tokens(batch.tokens());
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    for (std::size_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
      const std::int32_t type = batch.token_types.empty() ? 0 : batch.token_types[t];
      tokens[t] = {static_cast<std::size_t>(batch.ids[t]), static_cast<std::size_t>(type),
                   t - batch.offsets[s]};
    }
  }
  return tokens;
}

}  // namespace

void RaggedBatch::Add(const std::vector<std::int32_t>& sequence,
                      const std::vector<std::int32_t>& types) {
  if (!types.empty()) {
    token_types.resize(ids.size(), 0);
    token_types.insert(token_types.end(), types.begin(), types.end());
  }
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  if (!token_types.empty()) token_types.resize(ids.size(), 0);
  offsets.push_back(ids.size());
}

class BertEncoder::Impl {
 public:
  Impl(WeightSource& weights, const std::string& scope, const EncoderConfig& config,
       const Arithmetic& arithmetic)
      : config_(config),
        kernels_(arithmetic.kernels),
        embeddings_(weights, scope + "bert.embeddings.", config) {
    if (config.embedding_size != config.hidden_size) {
      projection_.emplace(weights, scope + "bert.embeddings_project", config.hidden_size,
                          config.embedding_size,
                          Arithmetic(kernels_, {}, Arithmetic::Inputs::kFloats));
    }
    layers_.reserve(config.layers);
    for (std::size_t n = 0; n < config.layers; ++n) {
      layers_.emplace_back(weights, scope + "bert.encoder.layer." + std::to_string(n) + ".", config,
                           arithmetic);
      prepared_bytes_ = std::max(prepared_bytes_, layers_.back().prepared_bytes());
    }
  }

  Tensor Encode(const RaggedBatch& batch, ThreadPool& pool, const LayerObserver& observer) const {
    Tensor states(batch.tokens(), config_.hidden_size);
    const WorkPlan plan(batch.offsets, kernels_, pool);
    const Workspace work(batch.tokens(), config_);
    const PreparedRows prepared(batch.tokens(), prepared_bytes_);
    const Pass pass{config_, plan, work, prepared};
    const auto next = [&](std::size_t n) {
      return n < layers_.size() ? &layers_[n].first() : nullptr;
    };
    Embed(batch, plan, states.view());
    if (next(0) != nullptr) pass.Prepare(*next(0), states.view());
    if (observer) observer(0, states.view());
    for (std::size_t n = 0; n < layers_.size(); ++n) {
      layers_[n].Forward(pass, states.view(), next(n + 1));
      if (observer) observer(n + 1, states.view());
    }
    return states;
  }

  const EncoderConfig& config() const { return config_; }
  DType precision() const {
    return layers_.empty() ? DType::kF32 : layers_[0].first().packed().dtype();
  }

 private:
  // The states that the first layer reads.
  void Embed(const RaggedBatch& batch, const WorkPlan& plan, MatrixView states) const {
    const std::vector<Embeddings::Token> tokens = TokensOf(batch);
    const auto embed = [&](MatrixView to) {
      plan.Rows([&](std::size_t begin, std::size_t end) {
        embeddings_.Forward(kernels_, std::span(tokens).subspan(begin, end - begin),
                            to.Rows(begin, end));
      });
    };
    if (!projection_) return embed(states);
    Tensor embedded(batch.tokens(), config_.embedding_size);
    embed(embedded.view());
    plan.Product(*projection_, embedded.view(), Activation::kNone, states);
  }

  EncoderConfig config_;
  const kernels::KernelSet& kernels_;
  Embeddings embeddings_;
  std::optional<Linear> projection_;  // where embedding_size is not hidden_size
  std::vector<Layer> layers_;
  std::size_t prepared_bytes_ = 0;
};

BertEncoder::BertEncoder(WeightSource& weights, const std::string& scope,
                         const EncoderConfig& config, const Arithmetic& arithmetic)
    : impl_(std::make_unique<const Impl>(weights, scope, config, arithmetic)) {}
BertEncoder::~BertEncoder() = default;
BertEncoder::BertEncoder(BertEncoder&&) noexcept = default;

Tensor BertEncoder::Encode(const RaggedBatch& batch, ThreadPool& pool,
                           const LayerObserver& observer) const {
  return impl_->Encode(batch, pool, observer);
}

const EncoderConfig& BertEncoder::config() const { return impl_->config(); }

DType BertEncoder::precision() const { return impl_->precision(); }

}  // namespace radie
