// What the hand-written kernel sets share: weights in panels, and the functions one ISA must
// supply.
//
// A panel holds `width` outputs side by side: [outputs / width][inputs][width], the last panel
// filled up with zeros. A micro-kernel reads it front to back, one fused multiply-add a row and
// output and input, inputs in ascending order, starting from the bias: that one chain is the whole
// definition of an output's bits, so neither tile shape nor blocking can change them.
//
// An ISA's file is compiled with flags the machine at hand may lack. So it defines one PanelKernels
// and must not instantiate any inline function that other files share (the linker keeps one copy,
// which might be its): no standard containers, no member functions of the views; its own helpers in
// an unnamed namespace.
#pragma once

#include <cstddef>

#include "libradie/base/activation.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/matrix_view.h"

namespace radie::kernels {

struct PanelMatrix {
  const void* panels = nullptr;  // fp32, or fp16 bits when half; 64-byte aligned
  const float* bias = nullptr;   // filled up with zeros to whole panels
  std::size_t inputs = 0, outputs = 0;
  bool half = false;
};

struct LayerNormArgs {
  ConstMatrixView x, residual;
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float eps = 0;
  MatrixView y;
};

// See KernelSet for what each computes.
struct PanelKernels {
  std::size_t width;
  void (*linear)(const PanelMatrix& weights, ConstMatrixView x, Activation activation, MatrixView y,
                 ColumnRange columns);
  void (*attention)(const AttentionArgs& args, std::size_t query_begin, std::size_t query_end);
  void (*add_layer_norm)(const LayerNormArgs& args);
};

#if defined(RADIE_HAVE_AVX2)
extern const PanelKernels kAvx2Kernels;
#endif

}  // namespace radie::kernels
