// How weights of one type lie when they are packed for the matrix products: kernels/panels.h says
// what the numbers mean. Two kernel sets with equal layouts read the same bytes.
#pragma once

#include <cstddef>

#include "libradie/base/dtype.h"

namespace radie {

struct PanelLayout {
  DType dtype = DType::kF32;
  std::size_t width = 1;       // outputs of a panel
  std::size_t group = 1;       // inputs of one output that lie together
  std::size_t depth_unit = 1;  // the inputs are filled up to a multiple of this
  // int8: the most that those of one sign among an output's weights for the inputs 8i + {0, 1, 4,
  // 5}, or 8i + {2, 3, 6, 7}, may sum to in magnitude: the instructions of some sets add up four
  // products in 16 bits. 0: anything.
  std::size_t quad_limit = 0;

  // How many panels hold `outputs`, and how many inputs each output then has. The sizes are ones
  // that have been checked: nothing here can overflow.
  std::size_t Panels(std::size_t outputs) const { return (outputs + width - 1) / width; }
  std::size_t Depth(std::size_t inputs) const {
    return (inputs + depth_unit - 1) / depth_unit * depth_unit;
  }
  std::size_t Bytes(std::size_t outputs, std::size_t inputs) const {
    return Panels(outputs) * width * Depth(inputs) * ElementBytes(dtype);
  }

  friend bool operator==(const PanelLayout&, const PanelLayout&) = default;
};

}  // namespace radie
