// Memory for what a model consists of.
#pragma once

#include <cstddef>
#include <memory>

#include "libradie/base/aligned_buffer.h"

namespace radie {

// Hands out blocks end to end from pieces of 32 MiB (a block of more than 8 MiB is a piece of its
// own): nearly all of it then lies on huge pages where the system gives them, which most matrices
// of a model are too small for by themselves. Address space is taken a piece at a time; memory, on
// Linux, a page at a time as it is written to. Under AddressSanitizer every block is an allocation
// of its own, so that what is read or written beside it is seen. Not thread-safe.
class WeightMemory {
 public:
  // 64-byte aligned, with anything in it. A piece lives as long as one of its blocks, whether or
  // not the WeightMemory does.
  using Block = std::shared_ptr<std::byte>;

  // Null for 0 bytes. Throws std::bad_alloc.
  Block Take(std::size_t bytes);

 private:
  std::shared_ptr<const AlignedBuffer> piece_;
  std::size_t used_ = 0;  // of piece_
};

}  // namespace radie
