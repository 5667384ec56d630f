// What the hand-written kernel sets share: weights in panels, and the functions one ISA must
// supply.
//
// A panel holds `width` outputs side by side, the last one filled up with zeros. Inputs lie in
// groups, as the instruction that multiplies them wants: [outputs / width][depth / group][width]
// [group]. group: 1 (fp32, fp16), 2 (bf16), 4 (int8). depth: the inputs, for bf16 and int8 filled
// up with zeros to whole 64-byte lines of prepared activations.
//
// A micro-kernel reads a panel front to back. In fp32 an output is one chain of fused
// multiply-adds, inputs in ascending order, starting from the bias; in bf16, and in fp32 by
// prepared rows, one such chain by groups, to which the bias is added; in int8 an exact integer
// sum. That is the whole definition of an output's bits, so neither tile shape nor blocking can
// change them.
//
// An ISA's file is compiled with flags the machine at hand may lack. So it defines tables of
// functions and must not instantiate any inline function that other files share (the linker keeps
// one copy, which might be its): no standard containers, no member functions of the views; its own
// helpers in an unnamed namespace, and templates only over types of that namespace.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libradie/base/activation.h"
#include "libradie/base/dtype.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/matrix_view.h"

namespace radie::kernels {

struct PanelMatrix {
  const void* panels = nullptr;   // 64-byte aligned
  const float* bias = nullptr;    // this and the next two: filled up with zeros to whole panels
  const float* scales = nullptr;  // int8 only, one an output
  const std::int32_t* sums = nullptr;  // int8 only, the sum of an output's weights
  std::size_t inputs = 0, outputs = 0, depth = 0;
  DType dtype = DType::kF32;
};

// Weights that will be wanted next. Reading them from memory takes longer than multiplying a tile
// by them, but not than multiplying all rows of a task: so they are fetched into the second-level
// cache little by little, while the tiles before them are multiplied.
struct NextWeights {
  const char* begin = nullptr;
  std::size_t bytes = 0;  // 0: not known
};

struct LayerNormArgs {
  ConstMatrixView x, residual;
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float eps = 0;
  MatrixView y;
};

// fp32 arithmetic; weights fp32 or fp16. See KernelSet for what each computes.
struct FloatKernels {
  std::size_t width;
  void (*linear)(const PanelMatrix& weights, const Operand& x, Activation activation, MatrixView y,
                 ColumnRange columns);
  std::size_t (*attention_bytes)(std::size_t keys, std::size_t own, std::size_t head_size);
  void (*attention)(const AttentionArgs& args, std::size_t query_begin, std::size_t query_end);
  void (*attend_groups)(const GroupAttentionArgs& args, std::size_t begin, std::size_t end);
  void (*add_layer_norm)(const LayerNormArgs& args);
  FmaLoop fma_loop;
};

// Products by prepared rows: of one of the shorter types, or of fp32 and fp16 weights.
struct ReducedKernels {
  std::size_t width;
  std::size_t quad_limit;  // of PanelLayout
  // Rows of `row_bytes`; see PreparedRow.
  void (*prepare)(ConstMatrixView x, std::byte* to, std::size_t row_bytes);
  void (*linear)(const PanelMatrix& weights, const Operand& x, Activation activation, MatrixView y,
                 ColumnRange columns);
  // Of bf16, where it is faster than fp32: all three or none.
  std::size_t (*attention_bytes)(std::size_t keys, std::size_t own,
                                 std::size_t head_size) = nullptr;
  void (*attention)(const AttentionArgs& args, std::size_t query_begin,
                    std::size_t query_end) = nullptr;
  void (*attend_groups)(const GroupAttentionArgs& args, std::size_t begin,
                        std::size_t end) = nullptr;
};

// A prepared row is whole cache lines. int8: one line with this header, then the inputs as
// unsigned bytes: value = scale · (byte - zero). bf16: the inputs. fp32 and fp16: the inputs'
// kSplitPieces pieces of bf16, one after the other (amx_float.cc). Zeros fill up the last line, of
// each piece.
struct QuantizedRow {
  float scale;
  std::int32_t zero;
};
inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kSplitPieces = 3;

// The longest row of int8 products: 255 · 127 · inputs, and the same from the zero point, stay
// within 31 bits.
inline constexpr std::size_t kMaxInt8Inputs = 32768;

#if defined(RADIE_HAVE_X86_KERNELS)
extern const FloatKernels kAvx2Float, kAvx512Float;
extern const ReducedKernels kAvx2Int8, kAvxVnniInt8, kAvx512VnniInt8, kAvx512Bf16;
extern const ReducedKernels kAmxInt8, kAmxBf16, kAmxFloat;
#endif

}  // namespace radie::kernels
