// Preparing rows for bf16 products; for the files compiled for AVX-512 BF16.
#pragma once

#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/panels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

inline void NarrowRows(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  for (std::size_t r = 0; r < x.rows; ++r, to += row_bytes) {
    const float* row = x.data + r * x.stride;
    for (std::size_t i = 0; i < x.cols; i += 2 * Vec::kLanes) {
      const std::size_t left = x.cols - i;
      const Vec low = Lanes(left).Load(row + i);
      const Vec high =
          Lanes(left > Vec::kLanes ? left - Vec::kLanes : 0).Load(row + i + Vec::kLanes);
      const __m512bh both = _mm512_cvtne2ps_pbh(high.v, low.v);
      _mm512_store_si512(to + i * 2, reinterpret_cast<__m512i>(both));
    }
  }
}

}  // namespace
}  // namespace radie::kernels
