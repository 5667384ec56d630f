// int8 products with AVX2: activations of 7 bits, so that the sum of two products fits the 16 bits
// in which vpmaddubsw saturates (127 · 128 · 2 < 32768).
#include "libradie/kernels/avx2_int8_isa.h"

namespace radie::kernels {
namespace {

struct Avx2Int8 : Int8Of256Bits {
  static constexpr std::size_t kTileRows = 5;  // 10 sums, 2 of weights, input, ones, product
  static __m256i MultiplyAdd(__m256i sum, __m256i inputs, __m256i weights) {
    const __m256i pairs = _mm256_maddubs_epi16(inputs, weights);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};

void Prepare(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, 127.0f);
}

using Panels = ReducedPanels<Avx2Int8>;

}  // namespace

const ReducedKernels kAvx2Int8 = {Panels::kWidth, Prepare, Panels::LinearColumns};

}  // namespace radie::kernels
