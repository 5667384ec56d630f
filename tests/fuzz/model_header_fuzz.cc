// Any bytes as a model file: refused, or tensors that lie inside it, side by side.
#include <string>
#include <vector>

#include "fuzz.h"
#include "libradie/model/model_file.h"
#include "libradie/model/weights.h"
#include "radie/error.h"
#if defined(RADIE_FUZZING)
#include "model_mutation.h"
#endif

namespace radie::fuzz {
namespace {

void CheckTensors(const ModelFile& file) {
  const std::byte* last = nullptr;
  std::size_t sum = 0;
  for (const TensorEntry& tensor : file.tensors()) {
    ASSERT_EQ(file.Find(tensor.name), &tensor);
    if (last != nullptr) {
      ASSERT_EQ(tensor.data, last);
    }
    last = tensor.data + tensor.bytes;
    std::size_t size = ElementBytes(tensor.dtype);
    for (const std::size_t extent : tensor.shape) size *= extent;
    ASSERT_EQ(size, tensor.bytes);
    sum += size;
    if (tensor.dtype != DType::kI8) {
      ASSERT_EQ(ToFloats(tensor).size(), size / ElementBytes(tensor.dtype));
    }
  }
  ASSERT_LE(sum + 8, file.size());
}

// Layers ask for tensors by name and shape.
void CheckWeights(const ModelFile& file) {
  WeightSource weights(file);
  std::size_t refused = 0;
  for (const TensorEntry& tensor : file.tensors()) {
    const std::vector<std::size_t>& s = tensor.shape;
    try {
      if (s.size() == 1) weights.GetAny(tensor.name, {s[0]});
      if (s.size() == 2) {
        if (tensor.name.ends_with(".weight")) {
          const std::string scope = tensor.name.substr(0, tensor.name.size() - 7);
          ASSERT_GE(weights.Outputs(scope, s[0]), 1U);
        }
        for (const float value : weights.GetFloats(tensor.name, {s[0], s[1]})) {
          ASSERT_EQ(value - value, 0.0f);
        }
      }
      ASSERT_THROW(weights.GetAny(tensor.name, {1, 2, 3, 4}), Error);
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kInvalidModel);
      ++refused;
    }
  }
  if (refused == 0 && file.tensors().empty()) {
    ASSERT_NO_THROW(weights.RequireAllUsed());
  }
}

}  // namespace

RADIE_FUZZ_TARGET(model_header) {
  try {
    const ModelFile file = ModelFile::FromMemory(bytes.data(), bytes.size());
    ASSERT_EQ(file.size(), bytes.size());
    CheckTensors(file);
    CheckWeights(file);
  } catch (const Error& error) {
    ASSERT_TRUE(error.code() == ErrorCode::kInvalidModel ||
                error.code() == ErrorCode::kUnsupportedModel)
        << error.what();
    ASSERT_LE(error.offset().value_or(0), bytes.size());
  }
}

#if defined(RADIE_FUZZING)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return MutateModel(data, size, most, seed);
}
#endif

}  // namespace radie::fuzz
