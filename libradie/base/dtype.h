// Element types of stored and of packed weights.
#pragma once

#include <cstddef>
#include <string_view>

namespace radie {

enum class DType {
  kF32,
  kF16,   // IEEE 754 binary16
  kBF16,  // the upper half of an fp32
  kI8,    // two's complement, with one fp32 scale a row
};

constexpr std::size_t ElementBytes(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI8:
      return 1;
  }
  return 0;
}

// As safetensors writes it.
constexpr std::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF16:
      return "F16";
    case DType::kBF16:
      return "BF16";
    case DType::kI8:
      return "I8";
  }
  return "";
}

}  // namespace radie
