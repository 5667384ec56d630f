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

// One transformer layer: states ← LayerNorm(states + attention), then states ← LayerNorm(states +
// feed-forward).
class Layer {
 public:
  Layer(WeightSource& weights, const std::string& scope, const EncoderConfig& config,
        const kernels::KernelSet& kernels)
      : qkv_(weights, QueryKeyValue(scope), config.hidden_size, config.hidden_size, kernels),
        attention_output_(weights, scope + "attention.output.dense", config.hidden_size,
                          config.hidden_size, kernels),
        attention_norm_(weights, scope + "attention.output.LayerNorm", config.hidden_size,
                        config.layer_norm_eps),
        intermediate_(weights, scope + "intermediate.dense", config.intermediate_size,
                      config.hidden_size, kernels),
        output_(weights, scope + "output.dense", config.hidden_size, config.intermediate_size,
                kernels),
        output_norm_(weights, scope + "output.LayerNorm", config.hidden_size,
                     config.layer_norm_eps) {}

  void Forward(const EncoderConfig& config, const WorkPlan& plan, const Workspace& work,
               MatrixView states) const {
    const std::size_t h = config.hidden_size, size = h / config.attention_heads;
    plan.Product(qkv_, states, Activation::kNone, work.qkv);
    const ConstMatrixView qkv = work.qkv;
    plan.Attention({qkv.Cols(0, h), qkv.Cols(h, 2 * h), qkv.Cols(2 * h, 3 * h), work.context,
                    config.attention_heads, size, 1.0f / std::sqrt(static_cast<float>(size))});
    plan.Product(attention_output_, work.context, Activation::kNone, work.projected);
    AddNorm(attention_norm_, plan, work.projected, states);
    plan.Product(intermediate_, states, config.activation, work.inner);
    plan.Product(output_, work.inner, Activation::kNone, work.projected);
    AddNorm(output_norm_, plan, work.projected, states);
  }

 private:
  static void AddNorm(const LayerNorm& norm, const WorkPlan& plan, MatrixView x,
                      MatrixView states) {
    plan.Rows([&](std::size_t begin, std::size_t end) {
      norm.Forward(plan.kernels(), x.Rows(begin, end), states.Rows(begin, end),
                   states.Rows(begin, end));
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

void RaggedBatch::Add(const std::vector<std::int32_t>& sequence) {
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  if (!token_types.empty()) token_types.resize(ids.size(), 0);
  offsets.push_back(ids.size());
}

class BertEncoder::Impl {
 public:
  Impl(WeightSource& weights, const std::string& scope, const EncoderConfig& config,
       const kernels::KernelSet& kernels)
      : config_(config),
        kernels_(kernels),
        embeddings_(weights, scope + "bert.embeddings.", config) {
    layers_.reserve(config.layers);
    for (std::size_t n = 0; n < config.layers; ++n) {
      layers_.emplace_back(weights, scope + "bert.encoder.layer." + std::to_string(n) + ".", config,
                           kernels);
    }
  }

  Tensor Encode(const RaggedBatch& batch, ThreadPool& pool, const LayerObserver& observer) const {
    Tensor states(batch.tokens(), config_.hidden_size);
    const WorkPlan plan(batch.offsets, kernels_, pool);
    const Workspace work(batch.tokens(), config_);
    const std::vector<Embeddings::Token> tokens = TokensOf(batch);
    plan.Rows([&](std::size_t begin, std::size_t end) {
      embeddings_.Forward(kernels_, std::span(tokens).subspan(begin, end - begin),
                          states.view().Rows(begin, end));
    });
    if (observer) observer(0, states.view());
    for (std::size_t n = 0; n < layers_.size(); ++n) {
      layers_[n].Forward(config_, plan, work, states.view());
      if (observer) observer(n + 1, states.view());
    }
    return states;
  }

  const EncoderConfig& config() const { return config_; }

 private:
  EncoderConfig config_;
  const kernels::KernelSet& kernels_;
  Embeddings embeddings_;
  std::vector<Layer> layers_;
};

BertEncoder::BertEncoder(WeightSource& weights, const std::string& scope,
                         const EncoderConfig& config, const kernels::KernelSet& kernels)
    : impl_(std::make_unique<const Impl>(weights, scope, config, kernels)) {}
BertEncoder::~BertEncoder() = default;
BertEncoder::BertEncoder(BertEncoder&&) noexcept = default;

Tensor BertEncoder::Encode(const RaggedBatch& batch, ThreadPool& pool,
                           const LayerObserver& observer) const {
  return impl_->Encode(batch, pool, observer);
}

const EncoderConfig& BertEncoder::config() const { return impl_->config(); }

}  // namespace radie
