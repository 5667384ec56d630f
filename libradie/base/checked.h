// Arithmetic on numbers that came from a file: an overflow is an answer, never a wrap.
#pragma once

#include <cstddef>
#include <new>
#include <optional>

namespace radie {

inline std::optional<std::size_t> CheckedMultiply(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The bytes of `count` elements of `size`. Throws std::bad_alloc when there cannot be so many.
inline std::size_t BytesToAllocate(std::size_t count, std::size_t size) {
  const std::optional<std::size_t> bytes = CheckedMultiply(count, size);
  if (!bytes) throw std::bad_alloc();
  return *bytes;
}

}  // namespace radie
