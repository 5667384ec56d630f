// Structs that begin with their own size, so that header and library may be of different ages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "radie/error.h"

namespace radie::capi {

// A bound against sizes that were never set.
constexpr std::size_t kMaxStructSize = 4096;

// A copy of *given as this library knows the struct: what an older header lacks is zero. NULL gives
// all zero, which is every default. Throws Error(kInvalidArgument) for a size that cannot be, or
// when a newer header's field that this library does not know is not zero.
template <typename Options>
Options ReadOptions(const Options* given, const char* name) {
  Options options{};
  if (given == nullptr) return options;
  const std::size_t size = given->struct_size;
  if (size < sizeof(std::size_t) || size > kMaxStructSize) {
    throw Error(ErrorCode::kInvalidArgument, std::string(name) + ".struct_size: is " +
                                                 std::to_string(size) + ", not the struct's size");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof(Options); i < size; ++i) {
    if (bytes[i] != 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  std::string(name) + ": has a field that this version of radie does not know");
    }
  }
  std::memcpy(&options, given, std::min(size, sizeof(Options)));
  return options;
}

// Writes `value` to *out as far as the caller's struct reaches; false when its size cannot be.
template <typename Result>
bool WriteResult(Result value, Result* out) {
  if (out == nullptr) return false;
  const std::size_t size = out->struct_size;
  if (size < sizeof(std::size_t) || size > kMaxStructSize) return false;
  value.struct_size = size;
  std::memcpy(out, &value, std::min(size, sizeof(Result)));
  return true;
}

}  // namespace radie::capi
