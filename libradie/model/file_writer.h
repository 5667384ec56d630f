// A model file put together in memory.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "libradie/base/dtype.h"

namespace radie {

struct TensorToWrite {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> data;  // as many bytes as dtype and shape say; another's
};

// A file of these tensors in this order, with such metadata and `tensors_sha256`, which is
// computed. The first `aligned` tensors begin at multiples of 64 bytes in the file; where one ends
// elsewhere, a padding tensor (packed_form.h) follows it.
std::string WriteModelFile(std::map<std::string, std::string> metadata,
                           std::span<const TensorToWrite> tensors, std::size_t aligned);

}  // namespace radie
