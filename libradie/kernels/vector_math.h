// exp, erf, tanh and the activations, written once for every vector type.
//
// V is a value of one or more fp32 lanes with + - * /, V::Set(float), Fma(a, b, c) = a·b + c
// (rounded once or twice), Min, Max (the second argument when either is NaN), Abs,
// CopySign(magnitude, sign), IfGreater(a, b, then, otherwise) and PowerOfTwo(m): 2^n for m
// = 1.5·2^23 + n, -126 ≤ n ≤ 127. Lanes never mix, so a lane's bits do not depend on where it
// stands. A NaN stays one (hence the order of arguments to Min and Max): overflow is seen at the
// end.
#pragma once

#include "libradie/base/activation.h"

namespace radie::kernels {

template <typename V, int N>
inline V Polynomial(V x, const float (&coefficients)[N]) {  // coefficients from x^0 up
  V sum = V::Set(coefficients[N - 1]);
  for (int i = N - 2; i >= 0; --i) sum = Fma(sum, x, V::Set(coefficients[i]));
  return sum;
}

// e^x within 2 ulp for -87 ≤ x ≤ 88; beyond, the value at that end.
template <typename V>
inline V Exp(V x) {
  constexpr float kLog2E = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  constexpr float kRound =
      12582912.0f;  // 1.5·2^23: adding it leaves the nearest integer in the low bits
  static constexpr float kTail[] = {0.49999994f, 0.166665137f, 0.0416685082f, 0.00836955011f,
                                    0.00138114276f};  // (e^r - 1 - r) / r² on |r| ≤ ln 2 / 2
  x = Min(V::Set(88.0f), Max(V::Set(-87.0f), x));
  const V shifted = Fma(x, V::Set(kLog2E), V::Set(kRound));
  const V n = shifted - V::Set(kRound);
  V r = Fma(n, V::Set(-kLn2High), x);
  r = Fma(n, V::Set(-kLn2Low), r);
  const V tail = Polynomial(r, kTail) * (r * r);
  return (tail + r + V::Set(1.0f)) * PowerOfTwo(shifted);
}

// x·P(x²)/Q(x²), a minimax fit (relative error 2e-8), within 3.2e-7 after rounding; ±1 beyond 3.92.
template <typename V>
inline V Erf(V x) {
  static constexpr float kP[] = {1.12837911f,    0.190404683f,    0.0527484901f,
                                 0.00376554043f, 0.000284881011f, 2.05010133e-06f};
  static constexpr float kQ[] = {1.0f,          0.50207448f,    0.114108376f,
                                 0.0149690639f, 0.00116251688f, 3.809177e-05f};
  const V one = V::Set(1.0f), limit = V::Set(3.92f);
  const V clamped = Max(V::Set(-3.92f), Min(limit, x));
  const V square = clamped * clamped;
  const V inside = clamped * Polynomial(square, kP) / Polynomial(square, kQ);
  const V bounded = Max(V::Set(-1.0f), Min(one, inside));
  return IfGreater(Abs(x), limit, CopySign(one, x), bounded);
}

// The same form (relative error 1.3e-9), within 2.8e-7 after rounding; ±1 beyond 9.
template <typename V>
inline V Tanh(V x) {
  static constexpr float kP[] = {
      1.0f, 0.136808589f, 0.00386951072f, 2.80313616e-05f, 3.06426386e-08f, -1.22463151e-11f};
  static constexpr float kQ[] = {1.0f, 0.470141917f, 0.027250167f, 0.000394071802f,
                                 1.28903855e-06f};
  const V one = V::Set(1.0f), limit = V::Set(9.0f);
  const V clamped = Max(V::Set(-9.0f), Min(limit, x));
  const V square = clamped * clamped;
  const V inside = clamped * Polynomial(square, kP) / Polynomial(square, kQ);
  const V bounded = Max(V::Set(-1.0f), Min(one, inside));
  return IfGreater(Abs(x), limit, CopySign(one, x), bounded);
}

template <typename V>
inline V GeluErf(V x) {
  const V half = x * V::Set(0.5f);
  return Fma(half, Erf(x * V::Set(0.707106781f)), half);
}

template <typename V>
inline V GeluTanh(V x) {  // 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))
  const V cubic = Fma(V::Set(0.044715f) * x * x, x, x);
  const V half = x * V::Set(0.5f);
  return Fma(half, Tanh(V::Set(0.797884561f) * cubic), half);
}

template <typename V>
inline V Relu(V x) {
  return Max(V::Set(0.0f), x);
}

// Calls each(f) with the function of one vector that `activation` names; not at all for kNone.
template <typename V, typename Each>
inline void WithActivation(Activation activation, const Each& each) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kGeluErf:
      return each([](V x) { return GeluErf(x); });
    case Activation::kGeluTanh:
      return each([](V x) { return GeluTanh(x); });
    case Activation::kRelu:
      return each([](V x) { return Relu(x); });
    case Activation::kTanh:
      return each([](V x) { return Tanh(x); });
  }
}

}  // namespace radie::kernels
