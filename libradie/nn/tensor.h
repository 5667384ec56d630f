// Tensor owns; MatrixView and ConstMatrixView never do. All matrices are fp32, row-major, with a leading dimension.
#pragma once

#include <cstddef>
#include <memory>

#include "libradie/kernels/matrix_view.h"

namespace radie {

// A zero-initialised matrix of fp32, 64-byte aligned rows' start. Movable, not copyable.
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::size_t rows, std::size_t cols);  // throws std::bad_alloc; rows × cols is checked for overflow

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  MatrixView view() { return {data_.get(), rows_, cols_, cols_}; }
  ConstMatrixView view() const { return {data_.get(), rows_, cols_, cols_}; }

 private:
  struct Free {
    void operator()(float* p) const;
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t rows_ = 0, cols_ = 0;
};

}  // namespace radie
