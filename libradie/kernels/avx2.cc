// AVX2, FMA and F16C.
#include "libradie/kernels/avx2_vector.h"
#include "libradie/kernels/float_panels.h"

namespace radie::kernels {
namespace {

struct Avx2 {
  using Vec = kernels::Vec;
  using Lanes = kernels::Lanes;
  static constexpr std::size_t kTileRows = 6;      // 12 accumulators, 2 of weights, 1 of input
  static constexpr std::size_t kDepthBlock = 384;  // × 64 bytes = 24 KiB
  static constexpr std::size_t kHalfBlock = 384;
  static constexpr std::size_t kUnroll = 4;
  static constexpr bool kPanelStaysNear = true;
  static constexpr std::size_t kRowBlock = 192;
};

}  // namespace

const FloatKernels kAvx2Float = FloatPanels<Avx2>::kTable;

}  // namespace radie::kernels
