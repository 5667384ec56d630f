// What the int8 files for 256-bit registers share.
#pragma once

#include "libradie/kernels/avx2_vector.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

struct Int8Of256Bits {
  using Vec = kernels::Vec;
  using Lanes = kernels::Lanes;
  using Sum = __m256i;
  using Row = Int8Row<Vec>;

  static __m256i Zero() { return _mm256_setzero_si256(); }
  static __m256i Broadcast(const void* group) {
    return _mm256_castps_si256(_mm256_broadcast_ss(static_cast<const float*>(group)));
  }
  static __m256i LoadWeights(const void* p) {
    return _mm256_load_si256(static_cast<const __m256i*>(p));
  }
  static Vec Finish(const Row& row, __m256i sum, const PanelEnd& end, std::size_t at) {
    const __m256i sums = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(end.sums + at));
    const __m256i offset = _mm256_mullo_epi32(_mm256_set1_epi32(row.zero()), sums);
    return row.End({_mm256_cvtepi32_ps(_mm256_sub_epi32(sum, offset))}, end, at);
  }
};

}  // namespace
}  // namespace radie::kernels
