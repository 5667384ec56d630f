// fp32 to bf16, and rows prepared for bf16 products; for the files compiled for AVX-512 BF16.
#pragma once

#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

// To bf16 and back.
inline Vec Rounded(Vec x) {
  const auto halves = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x.v));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
}

// Thirty-two values from `row`, zeros from `count` on, or with kRest what rounding leaves of them.
template <bool kRest = false>
inline __m512i LoadNarrow(const float* row, std::size_t count) {
  Vec low = Lanes(count).Load(row);
  Vec high = Lanes(count > Vec::kLanes ? count - Vec::kLanes : 0).Load(row + Vec::kLanes);
  if constexpr (kRest) {
    low = low - Rounded(low);
    high = high - Rounded(high);
  }
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high.v, low.v));
}

inline void NarrowRows(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  for (std::size_t r = 0; r < x.rows; ++r, to += row_bytes) {
    const float* row = x.data + r * x.stride;
    for (std::size_t i = 0; i < x.cols; i += 2 * Vec::kLanes) {
      _mm512_store_si512(to + i * 2, LoadNarrow(row + i, x.cols - i));
    }
  }
}

}  // namespace
}  // namespace radie::kernels
