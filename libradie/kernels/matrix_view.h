// Non-owning views of fp32 matrices: row-major, `stride` floats from row to row.
#pragma once

#include <cstddef>

namespace radie {

struct ConstMatrixView {
  const float* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  const float* row(std::size_t r) const { return data + r * stride; }
  ConstMatrixView Rows(std::size_t begin, std::size_t end) const {
    return {row(begin), end - begin, cols, stride};
  }
  // Where there are no rows there may be no data to point into.
  ConstMatrixView Cols(std::size_t begin, std::size_t end) const {
    return {rows == 0 ? data : data + begin, rows, end - begin, stride};
  }
};

struct MatrixView {
  float* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  float* row(std::size_t r) const { return data + r * stride; }
  MatrixView Rows(std::size_t begin, std::size_t end) const {
    return {row(begin), end - begin, cols, stride};
  }
  // Where there are no rows there may be no data to point into.
  MatrixView Cols(std::size_t begin, std::size_t end) const {
    return {rows == 0 ? data : data + begin, rows, end - begin, stride};
  }
  // NOLINTNEXTLINE(google-explicit-constructor): as T* becomes const T*
  operator ConstMatrixView() const { return {data, rows, cols, stride}; }
};

}  // namespace radie
