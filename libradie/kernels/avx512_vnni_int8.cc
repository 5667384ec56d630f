// int8 products with AVX-512 VNNI: activations of 8 bits.
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {

struct Avx512VnniInt8 {
  using Vec = kernels::Vec;
  using Lanes = kernels::Lanes;
  using Sum = __m512i;
  using Row = Int8Row<Vec>;
  static constexpr std::size_t kTileRows = 12;  // 24 sums, 2 of weights, input
  static constexpr std::size_t kGroups = 1;
  static constexpr std::size_t kUnroll = 1;

  static __m512i Zero() { return _mm512_setzero_si512(); }
  static __m512i Broadcast(const void* group) {
    int bits;
    __builtin_memcpy(&bits, group, sizeof(bits));
    return _mm512_set1_epi32(bits);
  }
  static __m512i LoadWeights(const void* p) { return _mm512_load_si512(p); }
  static __m512i MultiplyAdd(__m512i sum, __m512i inputs, __m512i weights) {
    return _mm512_dpbusd_epi32(sum, inputs, weights);
  }
  static Vec Finish(const Row& row, __m512i sum, const PanelEnd& end, std::size_t at) {
    const __m512i offset =
        _mm512_mullo_epi32(_mm512_set1_epi32(row.zero()), _mm512_loadu_si512(end.sums + at));
    return row.End({_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, offset))}, end, at);
  }
};

void Prepare(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, 255.0f);
}

using Panels = ReducedPanels<Avx512VnniInt8>;

}  // namespace

const ReducedKernels kAvx512VnniInt8 = {Panels::kWidth, 0, Prepare, Panels::LinearColumns};

}  // namespace radie::kernels
