// How layers find their weights: by scope and name, with the shape they expect.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "libradie/model/model_file.h"

namespace radie {

// Remembers what was asked for, so that left-over tensors can be reported. Not thread-safe; used
// while loading. The file must outlive it.
class WeightSource {
 public:
  explicit WeightSource(const ModelFile& file) : file_(file) {}

  // The tensor, of a floating type, with exactly this shape and finite values. Throws
  // Error(kInvalidModel) naming tensor, expected and found shape.
  const TensorEntry& Get(const std::string& name, std::initializer_list<std::size_t> shape);

  // The same, or int8 elements (whose scales are a tensor of their own).
  const TensorEntry& GetAny(const std::string& name, std::initializer_list<std::size_t> shape);

  // The same, converted to fp32.
  std::vector<float> GetFloats(const std::string& name, std::initializer_list<std::size_t> shape);

  // Rows of a matrix, for a size that only the tensor itself tells; at least 1 and at most `most`.
  // Throws Error(kInvalidModel). Does not count as asking for it.
  std::size_t Rows(const std::string& name, std::size_t most) const;

  // Throws Error(kInvalidModel) naming the first tensor of the file that nobody asked for.
  void RequireAllUsed() const;

 private:
  const TensorEntry& Require(const std::string& name) const;

  const ModelFile& file_;
  std::set<std::string, std::less<>> used_;
};

// fp32 copy of a tensor of a floating type; the shorter ones are widened exactly.
std::vector<float> ToFloats(const TensorEntry& tensor);

}  // namespace radie
