// bf16 products with AVX-512 BF16: fp32 sums of pairs.
#include "libradie/kernels/avx512_bf16_rows.h"
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {

struct Avx512Bf16 {
  using Vec = kernels::Vec;
  using Lanes = kernels::Lanes;
  using Sum = __m512;
  struct Row {
    explicit Row(const char*) {}
  };
  static constexpr std::size_t kTileRows = 12;  // 24 sums, 2 of weights, input
  static constexpr std::size_t kGroups = 1;
  static constexpr std::size_t kUnroll = 1;

  static __m512 Zero() { return _mm512_setzero_ps(); }
  static __m512i Broadcast(const void* group) {
    int bits;
    __builtin_memcpy(&bits, group, sizeof(bits));
    return _mm512_set1_epi32(bits);
  }
  static __m512i LoadWeights(const void* p) { return _mm512_load_si512(p); }
  static __m512 MultiplyAdd(__m512 sum, __m512i inputs, __m512i weights) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(inputs),
                            reinterpret_cast<__m512bh>(weights));
  }
  static Vec Finish(const Row&, __m512 sum, const PanelEnd& end, std::size_t at) {
    return Vec{sum} + Vec::Load(end.bias + at);
  }
};

using Panels = ReducedPanels<Avx512Bf16>;

}  // namespace

// No attention: with these products it was measured a fifth to a quarter slower than in fp32
// (Sapphire Rapids, 64 to 512 tokens).
const ReducedKernels kAvx512Bf16 = {Panels::kWidth, 0, NarrowRows, Panels::LinearColumns};

}  // namespace radie::kernels
