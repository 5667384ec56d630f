#include "libradie/nn/tensor.h"

#include "libradie/base/checked.h"

namespace radie {

Tensor::Tensor(std::size_t rows, std::size_t cols)
    : buffer_(BytesToAllocate(rows, BytesToAllocate(cols, sizeof(float)))),
      rows_(rows),
      cols_(cols) {}

}  // namespace radie
