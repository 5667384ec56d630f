// Memory for matrices: aligned to a cache line, and on huge pages where it is large.
#pragma once

#include <cstddef>
#include <memory>

namespace radie {

// A block of bytes. Movable, not copyable; the bytes do not move with it.
class AlignedBuffer {
 public:
  enum class Content {
    kZeros,
    kAnything,  // for a user that writes all of it: the threads that do touch its pages first
  };

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes,
                         Content content = Content::kZeros);  // throws std::bad_alloc

  void* data() const { return data_.get(); }
  float* floats() const { return static_cast<float*>(data_.get()); }

 private:
  struct Free {
    void operator()(void* p) const;
  };
  std::unique_ptr<void, Free> data_;
};

}  // namespace radie
