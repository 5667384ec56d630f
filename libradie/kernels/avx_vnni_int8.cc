// int8 products with AVX-VNNI (processors without AVX-512): vpdpbusd sums without saturation, so
// activations have 8 bits.
#include "libradie/kernels/avx2_int8_isa.h"

namespace radie::kernels {
namespace {

struct AvxVnniInt8 : Int8Of256Bits {
  static constexpr std::size_t kTileRows = 6;
  static constexpr std::size_t kGroups = 1;
  static constexpr std::size_t kUnroll = 1;
  static __m256i MultiplyAdd(__m256i sum, __m256i inputs, __m256i weights) {
    return _mm256_dpbusd_avx_epi32(sum, inputs, weights);
  }
};

void Prepare(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, 255.0f);
}

using Panels = ReducedPanels<AvxVnniInt8>;

}  // namespace

const ReducedKernels kAvxVnniInt8 = {Panels::kWidth, 0, Prepare, Panels::LinearColumns};

}  // namespace radie::kernels
