// Arithmetic on numbers that came from a file: an overflow is an answer, never a wrap.
#pragma once

#include <cstddef>
#include <optional>

namespace radie {

inline std::optional<std::size_t> CheckedMultiply(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

inline std::optional<std::size_t> CheckedAdd(std::size_t a, std::size_t b) {
  std::size_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

}  // namespace radie
