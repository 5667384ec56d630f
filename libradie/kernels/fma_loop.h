// A kernel set's FmaLoop, written once for every vector type: see panels.h on why it is a template
// over a type of the including file's own.
#pragma once

#include <cstddef>

namespace radie::kernels {

// kVectors chains that do not wait for one another: enough to keep the multiply-add units busy (two
// units of a latency of four on current x86), and few enough for all to stay in registers.
template <typename Vec, int kVectors>
struct FmaChains {
  static constexpr std::size_t kValues = kVectors * Vec::kLanes;

  // As FmaLoop::run. The loops over vectors are unrolled by pragma for the reason given in
  // float_panels.h.
  static float Run(std::size_t rounds, float factor, float term) {
    const Vec by = Vec::Set(factor), plus = Vec::Set(term);
    Vec values[kVectors];
#pragma GCC unroll 32
    for (int i = 0; i < kVectors; ++i) values[i] = Vec::Set(0.0f);
    for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
      for (int i = 0; i < kVectors; ++i) values[i] = Fma(values[i], by, plus);
#pragma GCC unroll 32
      for (int i = 0; i < kVectors; ++i) KeepInRegister(values[i]);
    }
    Vec sum = values[0];
#pragma GCC unroll 32
    for (int i = 1; i < kVectors; ++i) sum = sum + values[i];
    return SumLanes(sum);
  }

 private:
  // Equal chains would be computed once, if the compiler knew that they are equal.
  static inline __attribute__((always_inline)) void KeepInRegister(Vec& value) {
#if defined(__x86_64__)
    __asm__("" : "+v"(value.v));
#elif defined(__aarch64__)
    __asm__("" : "+w"(value.v));
#else
    __asm__("" : "+m"(value.v));
#endif
  }
};

}  // namespace radie::kernels
