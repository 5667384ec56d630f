// The activations of one ragged batch in the form that products of a shorter type read.
//
// One block of memory serves every layer in turn: what was prepared for one product is gone when
// rows are prepared for the next.
#pragma once

#include <cstddef>

#include "libradie/kernels/matrix_view.h"
#include "libradie/nn/linear.h"

namespace radie {

class PreparedRows {
 public:
  // `memory`: for every row the most bytes that a layer it is used with prepares, 64-byte aligned;
  // it is the caller's.
  explicit PreparedRows(void* memory) : memory_(static_cast<std::byte*>(memory)) {}

  // Prepares rows [begin, end) of x, all rows, for `linear`; does nothing where that reads fp32.
  // Different rows may be prepared at once.
  void Prepare(const Linear& linear, ConstMatrixView x, std::size_t begin, std::size_t end) const;

  // What `linear` reads for x: the rows that were prepared from it, or x itself.
  kernels::Operand OperandOf(const Linear& linear, ConstMatrixView x) const;

 private:
  std::byte* memory_;
};

}  // namespace radie
