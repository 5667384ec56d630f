// AVX-512 F, BW, VL and DQ.
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/float_panels.h"

namespace radie::kernels {
namespace {

struct Avx512 {
  using Vec = kernels::Vec;
  using Lanes = kernels::Lanes;
  static constexpr std::size_t kTileRows = 12;  // 24 accumulators, 2 of weights; inputs broadcast
  static constexpr std::size_t kDepthBlock = 768;  // streamed from the second-level cache
  static constexpr std::size_t kHalfBlock = 384;   // × 128 bytes = 48 KiB
  static constexpr std::size_t kUnroll = 1;
  static constexpr bool kPanelStaysNear = false;
  static constexpr std::size_t kRowBlock = 192;
};

}  // namespace

const FloatKernels kAvx512Float = FloatPanels<Avx512>::kTable;

}  // namespace radie::kernels
