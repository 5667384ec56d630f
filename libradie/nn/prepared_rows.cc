#include "libradie/nn/prepared_rows.h"

namespace radie {

void PreparedRows::Prepare(const Linear& linear, ConstMatrixView x, std::size_t begin,
                           std::size_t end) const {
  const std::size_t bytes = linear.prepared_bytes();
  if (bytes == 0) return;
  linear.Prepare(x.Rows(begin, end), memory_ + begin * bytes);
}

kernels::Operand PreparedRows::OperandOf(const Linear& linear, ConstMatrixView x) const {
  const std::size_t bytes = linear.prepared_bytes();
  if (bytes == 0) return x;
  return {memory_, x.rows, x.cols, bytes};
}

}  // namespace radie
