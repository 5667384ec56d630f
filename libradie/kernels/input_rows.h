// How a tile of fp32 products reads its inputs; see panels.h on why it is a template over a type of
// the including file's own.
#pragma once

#include <cstddef>

namespace radie::kernels {

// Rows of inputs from one pointer: an odd multiple of the stride and a scale of 1, 2, 4 or 8 make
// each an operand of its own. GCC 12 does not find these by itself; it spends instructions, or
// registers that it lacks, on the addresses.
template <typename Vec, int kRows>
class InputRows {
 public:
  InputRows(const float* a, std::size_t stride)
      : at_(static_cast<const char*>(static_cast<const void*>(a))) {
#pragma GCC unroll 8
    for (int i = 0; i < kOdd; ++i) {
      odd_[i] = (2 * i + 1) * stride * sizeof(float);
      __asm__("" : "+r"(odd_[i]));
    }
  }
  template <int kRow>
  inline __attribute__((always_inline)) Vec Spread() const {
    constexpr int kScale = kRow & -kRow;  // the power of two in it
    const void* p = at_;
    if constexpr (kRow > 0) p = at_ + odd_[(kRow / kScale - 1) / 2] * kScale;
    return Vec::Set(*static_cast<const float*>(p));
  }
  inline __attribute__((always_inline)) void Next() {
    at_ += sizeof(float);
    __asm__("" : "+r"(at_));
  }

 private:
  static constexpr int kOdd = kRows < 2 ? 1 : kRows / 2;
  const char* at_;
  std::size_t odd_[kOdd];
};

}  // namespace radie::kernels
