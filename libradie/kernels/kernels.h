// The one interface of this room: an ISA is a named KernelSet, picked once when a model loads.
// Everything numeric above this line is the same code on every machine.
//
// Contract of every kernel set, on which "same report, same bits" rests: an output element is
// accumulated in one fixed order. When rows_independent(), a row's bits do not depend on the other
// rows of the call, so callers may cut rows anywhere; otherwise callers give one whole sequence a
// call, and the bits depend on that sequence alone.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libradie/base/activation.h"
#include "libradie/base/dtype.h"
#include "libradie/base/panel_layout.h"
#include "libradie/kernels/matrix_view.h"

namespace radie {
class ThreadPool;
class WeightMemory;
}  // namespace radie

namespace radie::kernels {

// Weights as they lie in the file: [rows, cols] = [outputs, inputs], row-major, any alignment.
struct WeightView {
  const void* data = nullptr;
  std::size_t rows = 0, cols = 0;
  DType dtype = DType::kF32;
  const float* scales = nullptr;  // [rows], when dtype is kI8: weight = scale · element
};

// A linear layer's weights in the layout one kernel set streams. Immutable; read by the set that
// packed it, and where LayoutOf tells the layout, by every set with that one.
class PackedLinear {
 public:
  virtual ~PackedLinear() = default;
  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  DType dtype() const { return dtype_; }

 protected:
  PackedLinear(std::size_t inputs, std::size_t outputs, DType dtype)
      : inputs_(inputs), outputs_(outputs), dtype_(dtype) {}

 private:
  std::size_t inputs_, outputs_;
  DType dtype_;
};

// Activations as a product reads them: `rows` rows of `cols` values, `stride` bytes from one to the
// next. Either what KernelSet::Prepare wrote, or fp32 as it is, which only products with weights of
// fp32 and fp16 read.
struct Operand {
  const void* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;
  bool prepared = true;

  Operand(const void* data_, std::size_t rows_, std::size_t cols_, std::size_t stride_)
      : data(data_), rows(rows_), cols(cols_), stride(stride_) {}
  // NOLINTNEXTLINE(google-explicit-constructor): a matrix is an operand, as it stands
  Operand(ConstMatrixView x)
      : data(x.data),
        rows(x.rows),
        cols(x.cols),
        stride(x.stride * sizeof(float)),
        prepared(false) {}
  // NOLINTNEXTLINE(google-explicit-constructor): the same
  Operand(MatrixView x) : Operand(ConstMatrixView(x)) {}

  Operand Rows(std::size_t begin, std::size_t end) const {
    Operand part = *this;
    part.data = static_cast<const std::byte*>(data) + begin * stride;
    part.rows = end - begin;
    return part;
  }
};

// Self-attention over one sequence of n tokens. q, k, v, out: [n, heads * head_size]; scores are
// q·k * scale.
struct AttentionArgs {
  ConstMatrixView q, k, v;
  MatrixView out;
  std::size_t heads = 0, head_size = 0;
  float scale = 1;

  // How both products compute: kF32, or kBF16 (fp32 sums; q and k as two numbers of bf16 each,
  // values and weights rounded to bf16) where the set SupportsBf16Attention(). The softmax is fp32
  // in either.
  DType products = DType::kF32;

  // KernelSet::AttentionBytes of this call or more, 64-byte aligned, with anything in them; of no
  // other call that runs at the same time.
  void* scratch = nullptr;
};

// Attention of groups of rows beside a text: a group's queries read the text's keys and those of
// their own group, no other's; what the text's rows read is plain Attention.
struct GroupAttentionArgs {
  static constexpr std::size_t kMaxRows = 16;  // keys of a group, and queries

  // k and v: the text's rows, then those of one group after the other. q and out: those of all
  // groups' queries.
  AttentionArgs all;
  std::size_t text = 0, own = 0;         // rows of the text, at least 1, and of each group
  const std::size_t* queries = nullptr;  // group g asks with rows [queries[g], queries[g + 1])
};

// Outputs [begin, end) of a linear layer.
struct ColumnRange {
  std::size_t begin = 0, end = 0;
  // Where the calling thread will probably go on, with as many outputs of the same layer, so that
  // their weights can be fetched meanwhile; less than `end`: not known.
  std::size_t next = 0;
};

// A loop of nothing but multiply-adds in registers, to measure by it what a core can do at most.
struct FmaLoop {
  std::size_t values = 0;  // how many are multiplied and added to in a round

  // Begins each value with 0, does `rounds` times value = value · factor + term, returns their sum.
  float (*run)(std::size_t rounds, float factor, float term) = nullptr;
};

// Stateless and thread-safe; one static object each. Nothing but Pack allocates (Eigen, in the
// portable set, does by itself), and nothing here checks its arguments: they are the encoder's own.
class KernelSet {
 public:
  virtual ~KernelSet() = default;
  virtual std::string_view name() const = 0;
  virtual bool rows_independent() const = 0;

  // Whether Pack takes `dtype`. kF32 and kF16 always; kBF16 and kI8 where the set has products of
  // that kind and `inputs` values can be summed without overflow.
  virtual bool Supports(DType dtype, std::size_t inputs) const = 0;

  // The layout of weights of `dtype`: what Pack makes of them is then a PackedPanels
  // (packed_panels.h), and every other one of this layout, one made of stored panels say, is read
  // as well. Nothing where the set has no products of that type, or keeps weights in a form of its
  // own.
  virtual std::optional<PanelLayout> LayoutOf(DType dtype) const = 0;

  // Whether Attention takes products in bf16.
  virtual bool SupportsBf16Attention() const = 0;

  // Packs weights, stacked by rows when several are given (query, key, value → one product), with
  // their biases [rows] (fp32). `dtype` says how the products compute: in fp32, in fp32 from
  // weights kept as fp16, in bf16 with fp32 sums, or in int8 with int32 sums (weights with a scale
  // an output, activations with a scale and a zero point a row). Weights of another type are
  // rounded to it; the caller has seen to it that they fit. The pool's threads share the work; how
  // many there are changes no bit. The weights lie in blocks of `memory`.
  virtual std::unique_ptr<const PackedLinear> Pack(std::span<const WeightView> weights,
                                                   std::span<const std::vector<float>> biases,
                                                   DType dtype, ThreadPool& pool,
                                                   WeightMemory& memory) const = 0;

  // The same of one matrix, on the calling thread and in memory of its own.
  std::unique_ptr<const PackedLinear> Pack(const WeightView& weights,
                                           const std::vector<float>& bias, DType dtype) const;

  // What products with weights of `dtype` read instead of fp32: bytes from row to row of `cols`
  // values, and the rows themselves, 64-byte aligned; row by row, so that rows can be prepared one
  // at a time. 0 bytes: such products read fp32 rows as they are and Prepare must not be called.
  // With weights of fp32 and fp16, rows may be given as they are in any case; where they could have
  // been prepared that is slower, and the products differ by roundings.
  virtual std::size_t PreparedBytes(DType dtype, std::size_t cols) const = 0;
  virtual void Prepare(DType dtype, ConstMatrixView x, void* to) const = 0;

  // Where a product may be cut into column ranges: multiples of this many outputs.
  static constexpr std::size_t kColumnBlock = 64;

  // y[:, columns] = activation(x W^T + b)[:, columns]. x: [n, inputs], y: [n, outputs]; they do not
  // overlap. `columns` begins at a multiple of kColumnBlock. Any cut gives the same bits when
  // rows_independent(); otherwise callers must always cut alike.
  virtual void LinearColumns(const PackedLinear& weights, const Operand& x, Activation activation,
                             MatrixView y, ColumnRange columns) const = 0;

  // All columns.
  void Linear(const PackedLinear& weights, const Operand& x, Activation activation,
              MatrixView y) const {
    LinearColumns(weights, x, activation, y, {0, weights.outputs()});
  }

  // Working memory of a call of Attention over `keys` keys (`own` is 0), or of AttendGroups over a
  // text of `keys` rows and groups of `own`.
  virtual std::size_t AttentionBytes(DType products, std::size_t keys, std::size_t own,
                                     std::size_t head_size) const = 0;

  // softmax(q k^T * scale) v, head by head. Rows [query_begin, query_end) of q and out; all of k
  // and v. Any query range gives the same bits when rows_independent().
  virtual void Attention(const AttentionArgs& args, std::size_t query_begin,
                         std::size_t query_end) const = 0;

  // The same of the queries of groups [begin, end). A group's bits depend on the text and on that
  // group alone, on every kernel set.
  virtual void AttendGroups(const GroupAttentionArgs& args, std::size_t begin,
                            std::size_t end) const = 0;

  // y[r] = LayerNorm(x[r] + residual[r]) * gamma + beta, biased variance, in fp32 with fixed-order
  // sums; rows are independent in every set. residual may have no data. y may be x or residual.
  virtual void AddLayerNorm(ConstMatrixView x, ConstMatrixView residual, const float* gamma,
                            const float* beta, float eps, MatrixView y) const = 0;

  // With the instructions that fp32 products of this set use.
  virtual FmaLoop fma_loop() const = 0;
};

// What this build holds and this machine can run, best first. Never empty: "portable" is always
// there. "openblas" comes last: its products do not run side by side (portable.h).
std::vector<const KernelSet*> AvailableKernelSets();

// Whether the set reads panels of every one of the layouts; false when there are none.
bool ReadsLayouts(const KernelSet& set, std::span<const PanelLayout> layouts);

// The names of the sets of this build, whether or not this machine can run them, of which
// ReadsLayouts is true, best first.
std::vector<std::string_view> KernelSetsReading(std::span<const PanelLayout> layouts);

// nullptr when the build lacks it or the machine cannot run it. Names: "portable", "openblas",
// "avx2", "avx2_vnni", "avx512", "avx512_vnni", "avx512_bf16", "amx".
const KernelSet* FindKernelSet(std::string_view name);

}  // namespace radie::kernels
