// Sixteen fp32 lanes, for the files compiled for AVX-512 F, BW, VL and DQ. In an unnamed namespace
// on purpose: see panels.h.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

struct Vec {
  static constexpr std::size_t kLanes = 16;
  __m512 v;

  static Vec Set(float x) { return {_mm512_set1_ps(x)}; }
  static Vec Load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Vec LoadHalves(const void* p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)))};
  }
};
inline void Store(float* p, Vec x) { _mm512_storeu_ps(p, x.v); }
inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec Fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline void AddProduct(Vec& sum, Vec a, Vec b) { sum = Fma(a, b, sum); }
inline Vec Min(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vec Max(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec SignBit() { return Vec::Set(-0.0f); }
inline Vec Abs(Vec x) { return {_mm512_andnot_ps(SignBit().v, x.v)}; }
inline Vec CopySign(Vec magnitude, Vec sign) {
  return {_mm512_or_ps(Abs(magnitude).v, _mm512_and_ps(SignBit().v, sign.v))};
}
inline Vec IfGreater(Vec a, Vec b, Vec then, Vec otherwise) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ), otherwise.v, then.v)};
}
inline Vec PowerOfTwo(Vec shifted) {
  const __m512i n = _mm512_add_epi32(_mm512_castps_si512(shifted.v), _mm512_set1_epi32(127));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(n, 23))};
}

// The first `count` (0 to 15, or all from 16 on) lanes of a vector in memory.
class Lanes {
 public:
  explicit Lanes(std::size_t count)
      : mask_(static_cast<__mmask16>(count < 16 ? (1u << count) - 1 : 0xFFFFu)) {}

  Vec Load(const float* p) const { return {_mm512_maskz_loadu_ps(mask_, p)}; }  // 0 elsewhere
  void Store(float* p, Vec x) const { _mm512_mask_storeu_ps(p, mask_, x.v); }
  Vec Select(Vec inside, Vec outside) const {
    return {_mm512_mask_blend_ps(mask_, outside.v, inside.v)};
  }

 private:
  __mmask16 mask_;
};

inline float SumLanes(Vec x) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x.v), _mm512_extractf32x8_ps(x.v, 1));
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}
inline float MaxLanes(Vec x) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x.v), _mm512_extractf32x8_ps(x.v, 1));
  __m128 max = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  max = _mm_max_ps(max, _mm_movehl_ps(max, max));
  return _mm_cvtss_f32(_mm_max_ss(max, _mm_movehdup_ps(max)));
}

// The lanes, which hold 0 to 255, to sixteen bytes.
inline void StoreBytes(void* p, Vec x) {
  _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(x.v)));
}

}  // namespace
}  // namespace radie::kernels
