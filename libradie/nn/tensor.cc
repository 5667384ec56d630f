#include "libradie/nn/tensor.h"

#include <new>
#include <optional>

#include "libradie/base/checked.h"

namespace radie {
namespace {

std::size_t BytesOf(std::size_t rows, std::size_t cols) {
  std::optional<std::size_t> count = CheckedMultiply(rows, cols);
  if (count) count = CheckedMultiply(*count, sizeof(float));
  if (!count) throw std::bad_alloc();
  return *count;
}

}  // namespace

Tensor::Tensor(std::size_t rows, std::size_t cols)
    : buffer_(BytesOf(rows, cols)), rows_(rows), cols_(cols) {}

}  // namespace radie
