// Tensor owns; MatrixView and ConstMatrixView never do. All matrices are fp32, row-major, with a
// leading dimension.
#pragma once

#include <cstddef>
#include <utility>

#include "libradie/base/aligned_buffer.h"
#include "libradie/kernels/matrix_view.h"

namespace radie {

// A zero-initialised matrix of fp32, its start 64-byte aligned and its rows end to end. Movable,
// not copyable; a tensor moved from is empty.
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::size_t rows,
         std::size_t cols);  // throws std::bad_alloc, also when rows × cols overflows
  Tensor(Tensor&& other) noexcept
      : buffer_(std::move(other.buffer_)),
        rows_(std::exchange(other.rows_, 0)),
        cols_(std::exchange(other.cols_, 0)) {}
  Tensor& operator=(Tensor&& other) noexcept {
    buffer_ = std::move(other.buffer_);
    rows_ = std::exchange(other.rows_, 0);
    cols_ = std::exchange(other.cols_, 0);
    return *this;
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  MatrixView view() { return {buffer_.floats(), rows_, cols_, cols_}; }
  ConstMatrixView view() const { return {buffer_.floats(), rows_, cols_, cols_}; }

 private:
  AlignedBuffer buffer_;
  std::size_t rows_ = 0, cols_ = 0;
};

}  // namespace radie
