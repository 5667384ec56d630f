#include "libradie/model/weights.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "libradie/base/half.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

template <typename Sizes>
std::string ShapeText(const Sizes& shape) {
  std::string text = "[";
  for (std::size_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

template <typename Bits>
Bits LoadBits(const std::byte* data, std::size_t index) {
  Bits bits;
  std::memcpy(&bits, data + index * sizeof(Bits), sizeof(Bits));
  return bits;
}

// Whether an element has all of these bits, of its exponent, set: infinity or NaN.
template <typename Bits>
bool HasNotFinite(const std::byte* data, std::size_t count, Bits exponent) {
  Bits found = 0;  // as wide as an element, so that as many as possible are looked at together
  for (std::size_t i = 0; i < count; ++i) {
    found |= static_cast<Bits>((LoadBits<Bits>(data, i) & exponent) == exponent ? 1 : 0);
  }
  return found != 0;
}

bool HasNotFinite(DType dtype, const std::byte* data, std::size_t count) {
  switch (dtype) {
    case DType::kF32:
      return HasNotFinite<std::uint32_t>(data, count, 0x7F800000);
    case DType::kF16:
      return HasNotFinite<std::uint16_t>(data, count, 0x7C00);
    case DType::kBF16:
      return HasNotFinite<std::uint16_t>(data, count, 0x7F80);
    case DType::kI8:
      break;
  }
  return false;
}

void RequireFinite(const TensorEntry& tensor, ThreadPool& pool) {
  if (tensor.dtype == DType::kI8) return;
  const std::size_t element = ElementBytes(tensor.dtype), count = tensor.bytes / element;
  const auto has_not_finite = [&](std::size_t begin, std::size_t end) {
    return HasNotFinite(tensor.dtype, tensor.data + begin * element, end - begin);
  };
  std::atomic<bool> found = false;
  ForPieces(pool, count, [&](std::size_t begin, std::size_t end) {
    if (has_not_finite(begin, end)) found = true;
  });
  if (!found) return;
  std::size_t index = 0;  // below count, even should a mapped file have changed meanwhile
  while (index + 1 < count && !has_not_finite(index, index + 1)) ++index;
  throw Error(ErrorCode::kInvalidModel, "tensor " + Quoted(tensor.name) + ": element " +
                                            std::to_string(index) + " is not finite");
}

}  // namespace

std::size_t WeightSource::ThreadsFor(std::size_t threads) const {
  constexpr std::size_t kWorthAThread = std::size_t{2} << 20;  // bytes: some milliseconds
  const std::size_t most = packed_ ? 1 : 1 + file_.size() / kWorthAThread;
  return std::min(threads == 0 ? AvailableThreads() : threads, most);
}

const TensorEntry& WeightSource::Require(const std::string& name) const {
  const TensorEntry* tensor = file_.Find(name);
  if (tensor == nullptr) {
    throw Error(ErrorCode::kInvalidModel, "tensor " + Quoted(name) + " is missing");
  }
  return *tensor;
}

const TensorEntry& WeightSource::Get(const std::string& name,
                                     std::initializer_list<std::size_t> shape) {
  const TensorEntry& tensor = GetAny(name, shape);
  if (tensor.dtype == DType::kI8) {
    throw Error(ErrorCode::kInvalidModel,
                "tensor " + Quoted(name) + ": dtype I8, expected a floating type");
  }
  return tensor;
}

const TensorEntry& WeightSource::GetAny(const std::string& name,
                                        std::initializer_list<std::size_t> shape) {
  const TensorEntry& tensor = GetUnread(name, shape);
  RequireFinite(tensor, pool_);
  return tensor;
}

const TensorEntry& WeightSource::GetUnread(const std::string& name,
                                           std::initializer_list<std::size_t> shape) {
  const TensorEntry& tensor = Require(name);
  if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
    throw Error(ErrorCode::kInvalidModel, "tensor " + Quoted(name) + ": expected shape " +
                                              ShapeText(shape) + ", found " +
                                              ShapeText(tensor.shape));
  }
  used_.insert(name);
  return tensor;
}

std::vector<float> WeightSource::GetFloats(const std::string& name,
                                           std::initializer_list<std::size_t> shape) {
  return ToFloats(Get(name, shape));
}

std::size_t WeightSource::Outputs(const std::string& scope, std::size_t most) const {
  // Panels are filled up to whole ones: only the bias tells.
  const std::size_t rank = packed() != nullptr ? 1 : 2;
  const TensorEntry& tensor = Require(scope + (rank == 1 ? ".bias" : ".weight"));
  if (tensor.shape.size() != rank || tensor.shape[0] == 0 || tensor.shape[0] > most) {
    throw Error(ErrorCode::kInvalidModel, "tensor " + Quoted(tensor.name) + ": expected a " +
                                              (rank == 1 ? "vector" : "matrix") + " of 1 to " +
                                              std::to_string(most) + " rows, found shape " +
                                              ShapeText(tensor.shape));
  }
  return tensor.shape[0];
}

void WeightSource::RequireAllUsed() const {
  for (const TensorEntry& tensor : file_.tensors()) {
    if (packed_ && IsPadding(tensor.name)) continue;
    if (used_.find(tensor.name) == used_.end()) {
      throw Error(ErrorCode::kInvalidModel,
                  "tensor " + Quoted(tensor.name) + " belongs to no stage of this model");
    }
  }
}

std::vector<float> ToFloats(const TensorEntry& tensor) {
  if (tensor.dtype == DType::kF32) {
    std::vector<float> values(tensor.bytes / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), tensor.data, tensor.bytes);
    return values;
  }
  std::vector<float> values(tensor.bytes / 2);
  const bool half = tensor.dtype == DType::kF16;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = LoadBits<std::uint16_t>(tensor.data, i);
    values[i] = half ? WidenHalf(bits) : WidenBfloat16(bits);
  }
  return values;
}

}  // namespace radie
