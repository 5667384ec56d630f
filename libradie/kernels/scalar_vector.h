// The one-lane vector for vector_math.h: plain code that any compiler vectorises for any machine.
#pragma once

#include <bit>
#include <cstdint>

namespace radie::kernels {

struct ScalarVector {
  float value;

  static ScalarVector Set(float x) { return {x}; }
  friend ScalarVector operator+(ScalarVector a, ScalarVector b) { return {a.value + b.value}; }
  friend ScalarVector operator-(ScalarVector a, ScalarVector b) { return {a.value - b.value}; }
  friend ScalarVector operator*(ScalarVector a, ScalarVector b) { return {a.value * b.value}; }
  friend ScalarVector operator/(ScalarVector a, ScalarVector b) { return {a.value / b.value}; }
  friend ScalarVector Fma(ScalarVector a, ScalarVector b, ScalarVector c) { return a * b + c; }
  friend ScalarVector Min(ScalarVector a, ScalarVector b) { return a.value < b.value ? a : b; }
  friend ScalarVector Max(ScalarVector a, ScalarVector b) { return a.value > b.value ? a : b; }
  friend ScalarVector Abs(ScalarVector x) { return FromBits(Bits(x) & 0x7FFFFFFFu); }
  friend ScalarVector CopySign(ScalarVector magnitude, ScalarVector sign) {
    return FromBits((Bits(magnitude) & 0x7FFFFFFFu) | (Bits(sign) & 0x80000000u));
  }
  friend ScalarVector IfGreater(ScalarVector a, ScalarVector b, ScalarVector then,
                                ScalarVector otherwise) {
    return a.value > b.value ? then : otherwise;
  }
  friend ScalarVector PowerOfTwo(ScalarVector shifted) {
    return FromBits((Bits(shifted) + 127u) << 23);
  }

 private:
  static std::uint32_t Bits(ScalarVector x) { return std::bit_cast<std::uint32_t>(x.value); }
  static ScalarVector FromBits(std::uint32_t bits) { return {std::bit_cast<float>(bits)}; }
};

}  // namespace radie::kernels
