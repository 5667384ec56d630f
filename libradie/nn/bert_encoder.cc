#include "libradie/nn/bert_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "libradie/nn/embeddings.h"
#include "libradie/nn/layer_norm.h"
#include "libradie/nn/linear.h"
#include "libradie/nn/pass_memory.h"
#include "libradie/nn/rotary_positions.h"
#include "libradie/nn/work_plan.h"

namespace radie {
namespace {

std::array<std::string, 3> QueryKeyValue(const std::string& scope) {
  return {scope + "attention.self.query", scope + "attention.self.key",
          scope + "attention.self.value"};
}

// Where the layer's own products are of a shorter type, attention's are in bf16 if the set has
// that.
DType AttentionProducts(DType layer, const kernels::KernelSet& kernels) {
  const bool shorter = layer == DType::kBF16 || layer == DType::kI8;
  return shorter && kernels.SupportsBf16Attention() ? DType::kBF16 : DType::kF32;
}

// What the layers of one pass share.
struct Pass {
  const EncoderConfig& config;
  const WorkPlan& plan;
  const WorkPlan::AttentionCut& attention;
  const Workspace& work;
  std::span<const Embeddings::Token> tokens;  // of all rows
  const RotaryPositions* rotary;              // null: positions are in the embeddings alone

  void Product(const Linear& linear, ConstMatrixView x, Activation activation, MatrixView y) const {
    plan.Product(linear, work.prepared.OperandOf(linear, x), activation, y);
  }
  void Prepare(const Linear& linear, ConstMatrixView x) const {
    if (linear.prepared_bytes() == 0) return;
    plan.Rows(
        [&](std::size_t begin, std::size_t end) { work.prepared.Prepare(linear, x, begin, end); });
  }
  // Turns `heads` heads of every row of `x`, from its first column on; row r stands where token
  // token_of(r) does.
  template <typename TokenOf>
  void Turn(MatrixView x, std::size_t heads, const TokenOf& token_of) const {
    if (rotary == nullptr) return;
    plan.Rows([&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) {
        rotary->Turn(tokens[token_of(r)].position, heads, x.row(r));
      }
    });
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
                     config.layer_norm_eps),
        products_(AttentionProducts(qkv_.packed().dtype(), arithmetic.kernels)) {}

  // The first product, which reads the states; they must be prepared for it.
  const Linear& first() const { return qkv_; }

  // Prepares the new states for `next`, the first product of the layer that follows, unless this is
  // the last one (nullptr).
  void Forward(const Pass& pass, MatrixView states, const Linear* next) const {
    pass.Product(qkv_, states, Activation::kNone, pass.work.qkv);
    // Queries and keys stand side by side, each in as many heads.
    pass.Turn(pass.work.qkv, 2 * pass.config.attention_heads, std::identity());
    Attend(pass, pass.attention);
    Finish(pass, states, next);
  }

  // The new states of `rows` only, into `result`. `asked` differs from `pass` in the plan, which is
  // that of these rows. Keys and values are of all rows; what prepared them is then overwritten.
  void ForwardRows(const Pass& pass, ConstMatrixView states, const Pass& asked,
                   std::span<const std::size_t> rows, MatrixView result) const {
    constexpr std::size_t kBlock = kernels::KernelSet::kColumnBlock;
    const std::size_t h = pass.config.hidden_size, keys = h / kBlock * kBlock;
    pass.plan.Product(qkv_, pass.work.prepared.OperandOf(qkv_, states), Activation::kNone,
                      pass.work.qkv, {keys, 3 * h});
    pass.Turn(pass.work.qkv.Cols(h, 2 * h), pass.config.attention_heads, std::identity());
    asked.plan.Rows([&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) std::copy_n(states.row(rows[r]), h, result.row(r));
      asked.work.prepared.Prepare(qkv_, result, begin, end);
    });
    asked.plan.Product(qkv_, asked.work.prepared.OperandOf(qkv_, result), Activation::kNone,
                       pass.work.qkv, {0, h});
    asked.Turn(pass.work.qkv, pass.config.attention_heads, [&](std::size_t r) { return rows[r]; });
    Attend(pass, asked.attention);
    Finish(asked, result, nullptr);
  }

  // The most bytes that a row takes for one of the products.
  std::size_t prepared_bytes() const {
    return std::max({qkv_.prepared_bytes(), attention_output_.prepared_bytes(),
                     intermediate_.prepared_bytes(), output_.prepared_bytes()});
  }

 private:
  // Of the queries that stand in the first rows of work.qkv.
  void Attend(const Pass& pass, const WorkPlan::AttentionCut& cut) const {
    const EncoderConfig& config = pass.config;
    const std::size_t h = config.hidden_size, size = config.HeadSize();
    const ConstMatrixView qkv = pass.work.qkv;
    pass.plan.Attention(
        {qkv.Cols(0, h), qkv.Cols(h, 2 * h), qkv.Cols(2 * h, 3 * h), pass.work.context,
         config.attention_heads, size, 1.0f / std::sqrt(static_cast<float>(size)), products_},
        cut);
  }

  // From work.context on.
  void Finish(const Pass& pass, MatrixView states, const Linear* next) const {
    const Workspace& work = pass.work;
    pass.Prepare(attention_output_, work.context);
    pass.Product(attention_output_, work.context, Activation::kNone, work.projected);
    AddNorm(attention_norm_, pass, states, &intermediate_);
    pass.Product(intermediate_, states, pass.config.activation, work.inner);
    pass.Prepare(output_, work.inner);
    pass.Product(output_, work.inner, Activation::kNone, work.projected);
    AddNorm(output_norm_, pass, states, next);
  }

  static void AddNorm(const LayerNorm& norm, const Pass& pass, MatrixView states,
                      const Linear* next) {
    pass.plan.Rows([&](std::size_t begin, std::size_t end) {
      norm.Forward(pass.plan.kernels(), pass.work.projected.Rows(begin, end),
                   states.Rows(begin, end), states.Rows(begin, end));
      if (next != nullptr) pass.work.prepared.Prepare(*next, states, begin, end);
    });
  }

  Linear qkv_, attention_output_;
  LayerNorm attention_norm_;
  Linear intermediate_, output_;
  LayerNorm output_norm_;
  DType products_;  // of attention
};

// How many of `rows` (ascending) lie before each of `offsets`: where the units begin among them.
std::pmr::vector<std::size_t> OffsetsAmong(std::span<const std::size_t> rows,
                                           std::span<const std::size_t> offsets,
                                           std::pmr::memory_resource* tables) {
  std::pmr::vector<std::size_t> among(tables);
  among.reserve(offsets.size());
  std::size_t before = 0;
  for (const std::size_t offset : offsets) {
    while (before < rows.size() && rows[before] < offset) ++before;
    among.push_back(before);
  }
  return among;
}

// Every text, and every group of markers.
RowUnits UnitsOf(const RaggedBatch& batch, std::pmr::memory_resource* tables) {
  RowUnits units{std::pmr::vector<std::size_t>(tables), std::pmr::vector<std::size_t>(tables)};
  units.offsets.reserve(batch.sequences() + batch.groups() + 1);
  units.texts.reserve(batch.sequences() + 1);
  units.offsets.push_back(0);
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    units.texts.push_back(units.offsets.size() - 1);
    for (std::size_t row = batch.text_end(s);; row += MarkerGroup::kRows) {
      units.offsets.push_back(row);
      if (row == batch.offsets[s + 1]) break;
    }
  }
  units.texts.push_back(units.offsets.size() - 1);
  return units;
}

std::pmr::vector<Embeddings::Token> TokensOf(const RaggedBatch& batch,
                                             std::pmr::memory_resource* tables) {
  std::pmr::vector<Embeddings::Token> tokens(batch.tokens(), tables);
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    for (std::size_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
      const std::int32_t type = batch.token_types.empty() ? 0 : batch.token_types[t];
      const std::size_t position = batch.positions.empty()
                                       ? t - batch.offsets[s]
                                       : static_cast<std::size_t>(batch.positions[t]);
      tokens[t] = {static_cast<std::size_t>(batch.ids[t]), static_cast<std::size_t>(type),
                   position};
    }
  }
  return tokens;
}

}  // namespace

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
    if (config.rope_theta) {
      rotary_.emplace(config.max_positions, config.HeadSize(), *config.rope_theta);
    }
    layers_.reserve(config.layers);
    for (std::size_t n = 0; n < config.layers; ++n) {
      layers_.emplace_back(weights, scope + "bert.encoder.layer." + std::to_string(n) + ".", config,
                           arithmetic);
      prepared_bytes_ = std::max(prepared_bytes_, layers_.back().prepared_bytes());
    }
  }

  void Encode(const RaggedBatch& batch, ThreadPool& pool, MatrixView states,
              const LayerObserver& observer) const {
    TableMemory tables(batch, config_.attention_heads, pool.result_buffers());
    const WorkPlan plan(UnitsOf(batch, tables.get()), kernels_, pool);
    const Workspace work(batch.tokens(), config_, prepared_bytes_, pool.buffers());
    const WorkPlan::AttentionCut cut = CutFor(plan, plan);
    const std::pmr::vector<Embeddings::Token> tokens = TokensOf(batch, tables.get());
    const Pass pass{config_, plan, cut, work, tokens, Rotary()};
    Embed(pass, states, pool);
    if (observer) observer(0, states);
    for (std::size_t n = 0; n < layers_.size(); ++n) {
      layers_[n].Forward(pass, states, FirstOf(n + 1));
      if (observer) observer(n + 1, states);
    }
  }

  void EncodeRows(const RaggedBatch& batch, std::span<const std::size_t> rows, ThreadPool& pool,
                  MatrixView states) const {
    if (layers_.empty() || !kernels_.rows_independent()) {
      const PooledRows all(batch.tokens(), config_.hidden_size, pool.result_buffers());
      Encode(batch, pool, all.view(), {});
      for (std::size_t r = 0; r < rows.size(); ++r) {
        std::copy_n(all.view().row(rows[r]), states.cols, states.row(r));
      }
      return;
    }
    TableMemory tables(batch, config_.attention_heads, pool.result_buffers());
    const WorkPlan plan(UnitsOf(batch, tables.get()), kernels_, pool);
    const WorkPlan asked_plan({OffsetsAmong(rows, plan.units().offsets, tables.get()),
                               {plan.units().texts, tables.get()}},
                              kernels_, pool);
    const Workspace work(batch.tokens(), config_, prepared_bytes_, pool.buffers());
    const WorkPlan::AttentionCut cut = CutFor(plan, plan), asked_cut = CutFor(plan, asked_plan);
    const std::pmr::vector<Embeddings::Token> tokens = TokensOf(batch, tables.get());
    const Pass pass{config_, plan, cut, work, tokens, Rotary()};
    const Pass asked{config_, asked_plan, asked_cut, work, tokens, Rotary()};
    Embed(pass, work.states, pool);
    for (std::size_t n = 0; n + 1 < layers_.size(); ++n) {
      layers_[n].Forward(pass, work.states, FirstOf(n + 1));
    }
    layers_.back().ForwardRows(pass, work.states, asked, rows, states);
  }

  const EncoderConfig& config() const { return config_; }
  DType precision() const {
    return layers_.empty() ? DType::kF32 : layers_[0].first().packed().dtype();
  }

 private:
  // Of attention to the rows of `plan`; `asked` is the plan of those that ask.
  WorkPlan::AttentionCut CutFor(const WorkPlan& plan, const WorkPlan& asked) const {
    return plan.CutAttention(asked.units().offsets, config_.attention_heads, config_.HeadSize());
  }

  const RotaryPositions* Rotary() const { return rotary_ ? &*rotary_ : nullptr; }

  // What layer n reads first; nothing behind the last one.
  const Linear* FirstOf(std::size_t n) const {
    return n < layers_.size() ? &layers_[n].first() : nullptr;
  }

  // The states that the first layer reads, and their prepared form.
  void Embed(const Pass& pass, MatrixView states, ThreadPool& pool) const {
    const auto embed = [&](MatrixView to, const Linear* reader) {
      pass.plan.Rows([&](std::size_t begin, std::size_t end) {
        embeddings_.Forward(kernels_, pass.tokens.subspan(begin, end - begin), to.Rows(begin, end));
        if (reader != nullptr) pass.work.prepared.Prepare(*reader, to, begin, end);
      });
    };
    if (!projection_) return embed(states, FirstOf(0));
    const PooledRows embedded(pass.tokens.size(), config_.embedding_size, pool.result_buffers());
    embed(embedded.view(), nullptr);
    pass.plan.Product(*projection_, embedded.view(), Activation::kNone, states);
    if (FirstOf(0) != nullptr) pass.Prepare(*FirstOf(0), states);
  }

  EncoderConfig config_;
  const kernels::KernelSet& kernels_;
  Embeddings embeddings_;
  std::optional<Linear> projection_;  // where embedding_size is not hidden_size
  std::optional<RotaryPositions> rotary_;
  std::vector<Layer> layers_;
  std::size_t prepared_bytes_ = 0;
};

BertEncoder::BertEncoder(WeightSource& weights, const std::string& scope,
                         const EncoderConfig& config, const Arithmetic& arithmetic)
    : impl_(std::make_unique<const Impl>(weights, scope, config, arithmetic)) {}
BertEncoder::~BertEncoder() = default;
BertEncoder::BertEncoder(BertEncoder&&) noexcept = default;

void BertEncoder::Encode(const RaggedBatch& batch, ThreadPool& pool, MatrixView states,
                         const LayerObserver& observer) const {
  impl_->Encode(batch, pool, states, observer);
}

void BertEncoder::EncodeRows(const RaggedBatch& batch, std::span<const std::size_t> rows,
                             ThreadPool& pool, MatrixView states) const {
  impl_->EncodeRows(batch, rows, pool, states);
}

const EncoderConfig& BertEncoder::config() const { return impl_->config(); }

DType BertEncoder::precision() const { return impl_->precision(); }

}  // namespace radie
