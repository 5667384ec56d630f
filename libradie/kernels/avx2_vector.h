// Eight fp32 lanes, for the files compiled for AVX2, FMA and F16C. In an unnamed namespace on
// purpose: see panels.h.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

struct Vec {
  static constexpr std::size_t kLanes = 8;
  __m256 v;

  static Vec Set(float x) { return {_mm256_set1_ps(x)}; }
  static Vec Load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vec LoadHalves(const void* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(p)))};
  }
};
inline void Store(float* p, Vec x) { _mm256_storeu_ps(p, x.v); }
inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Vec Fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
// sum += a · b, in this form: left to itself, GCC 12 picks ones that need copies of sums in loops
// that are unrolled, and runs out of registers.
inline __attribute__((always_inline)) void AddProduct(Vec& sum, Vec a, Vec b) {
  __asm__("vfmadd231ps %2, %1, %0" : "+x"(sum.v) : "x"(a.v), "x"(b.v));
}
inline Vec Min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Vec Max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Vec SignBit() { return Vec::Set(-0.0f); }
inline Vec Abs(Vec x) { return {_mm256_andnot_ps(SignBit().v, x.v)}; }
inline Vec CopySign(Vec magnitude, Vec sign) {
  return {_mm256_or_ps(Abs(magnitude).v, _mm256_and_ps(SignBit().v, sign.v))};
}
inline Vec IfGreater(Vec a, Vec b, Vec then, Vec otherwise) {
  return {_mm256_blendv_ps(otherwise.v, then.v, _mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ))};
}
inline Vec PowerOfTwo(Vec shifted) {
  const __m256i n = _mm256_add_epi32(_mm256_castps_si256(shifted.v), _mm256_set1_epi32(127));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(n, 23))};
}

// The first `count` (0 to 7, or all from 8 on) lanes of a vector in memory.
class Lanes {
 public:
  explicit Lanes(std::size_t count)
      : mask_(_mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count < 8 ? count : 8)),
                                 _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}

  Vec Load(const float* p) const { return {_mm256_maskload_ps(p, mask_)}; }  // 0 elsewhere
  void Store(float* p, Vec x) const { _mm256_maskstore_ps(p, mask_, x.v); }
  Vec Select(Vec inside, Vec outside) const {
    return {_mm256_blendv_ps(outside.v, inside.v, _mm256_castsi256_ps(mask_))};
  }

 private:
  __m256i mask_;
};

inline float SumLanes(Vec x) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}
inline float MaxLanes(Vec x) {
  __m128 max = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  max = _mm_max_ps(max, _mm_movehl_ps(max, max));
  return _mm_cvtss_f32(_mm_max_ss(max, _mm_movehdup_ps(max)));
}

// The lanes, which hold 0 to 255, to eight bytes.
inline void StoreBytes(void* p, Vec x) {
  const __m256i wide = _mm256_cvtps_epi32(x.v);
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packus_epi16(words, words));
}

}  // namespace
}  // namespace radie::kernels
