#include "libradie/nn/prepared_rows.h"

#include <new>
#include <optional>

#include "libradie/base/checked.h"

namespace radie {

PreparedRows::PreparedRows(std::size_t rows, std::size_t bytes_a_row) {
  const std::optional<std::size_t> bytes = CheckedMultiply(rows, bytes_a_row);
  if (!bytes) throw std::bad_alloc();
  buffer_ = AlignedBuffer(*bytes);
}

void PreparedRows::Prepare(const Linear& linear, ConstMatrixView x, std::size_t begin,
                           std::size_t end) const {
  const std::size_t bytes = linear.prepared_bytes();
  if (bytes == 0) return;
  linear.Prepare(x.Rows(begin, end), static_cast<std::byte*>(buffer_.data()) + begin * bytes);
}

kernels::Operand PreparedRows::OperandOf(const Linear& linear, ConstMatrixView x) const {
  const std::size_t bytes = linear.prepared_bytes();
  if (bytes == 0) return x;
  return {buffer_.data(), x.rows, x.cols, bytes};
}

}  // namespace radie
