// The floating-point environment that radie computes in, whatever the host has set.
#pragma once

#include <cfenv>

namespace radie {

// From construction to destruction this thread rounds to nearest, traps on nothing and computes
// with denormals; then it is as it was, raised flags included. The host's rounding mode, traps,
// flush-to-zero and denormals-are-zero so neither change a result nor are changed.
//
// Whatever computes with floating-point numbers in the library holds one: public functions of the
// stages, the encoder, certainty and evaluation, the rounding of a confidence that is written, and
// every thread of a pool from its start, since threads are born with the environment of whoever
// makes them. (The ratios of Score, in its header, are the caller's own arithmetic.)
class FloatEnvironment {
 public:
  FloatEnvironment() noexcept;
  ~FloatEnvironment();
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  std::fenv_t host_;
  unsigned control_ = 0;  // x86-64's MXCSR; elsewhere unused
};

}  // namespace radie
