// int8 products with AVX2. vpmaddubsw sums two products in 16 bits, and two such sums are added in
// 16 bits before vpmaddwd widens them: activations have 7 bits, and PanelLayout::quad_limit keeps
// the four weights small enough (127 · 258 < 32768), so that nothing saturates or wraps.
#include "libradie/kernels/avx2_int8_isa.h"

namespace radie::kernels {
namespace {

constexpr int kLevels = 127;
constexpr std::size_t kQuadLimit = 32767 / kLevels;

struct Avx2Int8 : Int8Of256Bits {
  static constexpr std::size_t kTileRows = 3;  // 6 sums, 4 of weights, 5 more
  static constexpr std::size_t kGroups = 2;
  static constexpr std::size_t kUnroll = 2;
  static constexpr std::size_t kGroupOfOutputs = 64;  // bytes of one group of a panel's outputs
  struct Two {
    __m256i first, second;
  };
  static Two Broadcast(const char* groups) {
    return {Int8Of256Bits::Broadcast(groups), Int8Of256Bits::Broadcast(groups + 4)};
  }
  static Two LoadWeights(const char* p) {
    return {Int8Of256Bits::LoadWeights(p), Int8Of256Bits::LoadWeights(p + kGroupOfOutputs)};
  }
  static __m256i MultiplyAdd(__m256i sum, const Two& inputs, const Two& weights) {
    const __m256i quads = _mm256_add_epi16(_mm256_maddubs_epi16(inputs.first, weights.first),
                                           _mm256_maddubs_epi16(inputs.second, weights.second));
    const __m256i products = _mm256_madd_epi16(quads, _mm256_set1_epi16(1));
    __asm__("vpaddd %1, %0, %0" : "+x"(sum) : "x"(products));  // in place: see AddProduct
    return sum;
  }
};

void Prepare(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, static_cast<float>(kLevels));
}

using Panels = ReducedPanels<Avx2Int8>;

}  // namespace

const ReducedKernels kAvx2Int8 = {Panels::kWidth, kQuadLimit, Prepare, Panels::LinearColumns};

}  // namespace radie::kernels
