#include "libradie/kernels/portable.h"

#include <Eigen/Core>  // IWYU pragma: keep (its parts are not for including)
#include <algorithm>
#include <cmath>

#include "libradie/base/half.h"
#include "libradie/base/thread_pool.h"
#include "libradie/base/weight_memory.h"
#include "libradie/kernels/scalar_vector.h"
#include "libradie/kernels/vector_math.h"
#include "libradie/kernels/weight_rows.h"

namespace radie::kernels {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const RowMajor, Eigen::Unaligned, Eigen::OuterStride<>>;
using MutableMap = Eigen::Map<RowMajor, Eigen::Unaligned, Eigen::OuterStride<>>;

ConstMap Map(ConstMatrixView m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Eigen::OuterStride<>(static_cast<Eigen::Index>(m.stride))};
}

MutableMap Map(MatrixView m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Eigen::OuterStride<>(static_cast<Eigen::Index>(m.stride))};
}

// [outputs, inputs] as in the file, fp32.
class PackedRows final : public PackedLinear {
 public:
  PackedRows(std::size_t inputs, std::size_t outputs, DType dtype, WeightMemory& memory)
      : PackedLinear(inputs, outputs, dtype),
        weights_(memory.Take(outputs * inputs * sizeof(float))) {
    bias_.reserve(outputs);
  }

  void Append(const WeightView& weights, const std::vector<float>& bias, ThreadPool& pool) {
    float* const to = floats() + bias_.size() * inputs();
    pool.For(weights.rows, [&](std::size_t row, std::size_t) {
      ReadRow(weights, row, to + row * inputs());
      if (dtype() == DType::kF16 && weights.dtype != DType::kF16) RoundToHalf(to + row * inputs());
    });
    bias_.insert(bias_.end(), bias.begin(), bias.end());
  }

  ConstMatrixView Rows(ColumnRange columns) const {
    return {floats() + columns.begin * inputs(), columns.end - columns.begin, inputs(), inputs()};
  }
  const float* bias() const { return bias_.data(); }

 private:
  void RoundToHalf(float* row) const {
    for (std::size_t i = 0; i < inputs(); ++i) row[i] = WidenHalf(NarrowHalf(row[i]));
  }

  float* floats() const { return reinterpret_cast<float*>(weights_.get()); }

  WeightMemory::Block weights_;
  std::vector<float> bias_;
};

void AddBiasAndActivate(const float* bias, Activation activation, MatrixView y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    float* row = y.row(r);
    for (std::size_t c = 0; c < y.cols; ++c) row[c] += bias[c];
    WithActivation<ScalarVector>(activation, [&](auto function) {
      for (std::size_t c = 0; c < y.cols; ++c) row[c] = function(ScalarVector{row[c]}).value;
    });
  }
}

// The order is fixed by the length alone; eight sums, so that the compiler may use vectors.
template <typename Term>
float Sum(std::size_t count, const Term& term) {
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += term(i + lane);
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) sums[lane] += term(i);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// scores ← softmax(scores * scale)
void SoftmaxRow(float* scores, std::size_t count, float scale) {
  float highest = scores[0] * scale;
  for (std::size_t i = 0; i < count; ++i) {
    scores[i] *= scale;
    highest = std::max(highest, scores[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    scores[i] = Exp(ScalarVector{scores[i] - highest}).value;
  }
  const float total = Sum(count, [&](std::size_t i) { return scores[i]; });
  for (std::size_t i = 0; i < count; ++i) scores[i] /= total;
}

}  // namespace

std::unique_ptr<const PackedLinear> PortableSet::Pack(std::span<const WeightView> weights,
                                                      std::span<const std::vector<float>> biases,
                                                      DType dtype, ThreadPool& pool,
                                                      WeightMemory& memory) const {
  std::size_t outputs = 0;
  for (const WeightView& view : weights) outputs += view.rows;
  auto packed = std::make_unique<PackedRows>(weights[0].cols, outputs, dtype, memory);
  for (std::size_t i = 0; i < weights.size(); ++i) packed->Append(weights[i], biases[i], pool);
  return packed;
}

void PortableSet::Multiply(ConstMatrixView x, ConstMatrixView weights, MatrixView y) const {
  Map(y).noalias() = Map(x) * Map(weights).transpose();
}

void PortableSet::LinearColumns(const PackedLinear& weights, const Operand& x,
                                Activation activation, MatrixView y, ColumnRange columns) const {
  const auto& packed = static_cast<const PackedRows&>(weights);
  const MatrixView part = y.Cols(columns.begin, columns.end);
  const ConstMatrixView inputs{static_cast<const float*>(x.data), x.rows, x.cols,
                               x.stride / sizeof(float)};
  Multiply(inputs, packed.Rows(columns), part);
  AddBiasAndActivate(packed.bias() + columns.begin, activation, part);
}

namespace {
constexpr std::size_t kQueries =
    64;  // whose scores are held at once, so that they stay in the cache
}

std::size_t PortableSet::AttentionBytes(DType, std::size_t keys, std::size_t own,
                                        std::size_t) const {
  const std::size_t queries = own == 0 ? kQueries : GroupAttentionArgs::kMaxRows;
  return queries * (keys + own) * sizeof(float);
}

void PortableSet::Attention(const AttentionArgs& args, std::size_t query_begin,
                            std::size_t query_end) const {
  const std::size_t keys = args.k.rows;
  for (std::size_t head = 0; head < args.heads; ++head) {
    const std::size_t begin = head * args.head_size, end = begin + args.head_size;
    for (std::size_t q = query_begin; q < query_end; q += kQueries) {
      const std::size_t q_end = std::min(q + kQueries, query_end);
      const MatrixView scores{static_cast<float*>(args.scratch), q_end - q, keys, keys};
      Map(scores).noalias() =
          Map(args.q.Rows(q, q_end).Cols(begin, end)) * Map(args.k.Cols(begin, end)).transpose();
      for (std::size_t r = 0; r < scores.rows; ++r) SoftmaxRow(scores.row(r), keys, args.scale);
      Map(args.out.Rows(q, q_end).Cols(begin, end)).noalias() =
          Map(ConstMatrixView(scores)) * Map(args.v.Cols(begin, end));
    }
  }
}

// One group after the other: its products have its rows alone.
void PortableSet::AttendGroups(const GroupAttentionArgs& args, std::size_t begin,
                               std::size_t end) const {
  const AttentionArgs& all = args.all;
  const std::size_t text = args.text, keys = text + args.own;
  for (std::size_t head = 0; head < all.heads; ++head) {
    const std::size_t left = head * all.head_size, right = left + all.head_size;
    const ConstMatrixView k = all.k.Cols(left, right), v = all.v.Cols(left, right);
    for (std::size_t g = begin; g < end; ++g) {
      const std::size_t first = args.queries[g], last = args.queries[g + 1];
      if (first == last) continue;
      const std::size_t own = text + g * args.own, own_end = own + args.own;
      const MatrixView scores{static_cast<float*>(all.scratch), last - first, keys, keys};
      const ConstMap queries = Map(all.q.Rows(first, last).Cols(left, right));
      Map(scores.Cols(0, text)).noalias() = queries * Map(k.Rows(0, text)).transpose();
      Map(scores.Cols(text, keys)).noalias() = queries * Map(k.Rows(own, own_end)).transpose();
      for (std::size_t r = 0; r < scores.rows; ++r) SoftmaxRow(scores.row(r), keys, all.scale);
      const ConstMatrixView weights = scores;
      MutableMap out = Map(all.out.Rows(first, last).Cols(left, right));
      out.noalias() = Map(weights.Cols(0, text)) * Map(v.Rows(0, text));
      out.noalias() += Map(weights.Cols(text, keys)) * Map(v.Rows(own, own_end));
    }
  }
}

void PortableSet::AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                               const float* beta, float eps, MatrixView y) const {
  const auto count = static_cast<float>(x.cols);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float* from = x.row(r);
    const float* added = residual.data == nullptr ? nullptr : residual.row(r);
    float* row = y.row(r);
    for (std::size_t c = 0; c < x.cols; ++c) row[c] = added ? from[c] + added[c] : from[c];
    const float mean = Sum(x.cols, [&](std::size_t c) { return row[c]; }) / count;
    const float variance =
        Sum(x.cols, [&](std::size_t c) { return (row[c] - mean) * (row[c] - mean); }) / count;
    const float scale = 1.0f / std::sqrt(variance + eps);
    for (std::size_t c = 0; c < x.cols; ++c) {
      row[c] = (row[c] - mean) * scale * gamma[c] + beta[c];
    }
  }
}

}  // namespace radie::kernels
