// From the tiles' sums to outputs; for the files compiled for AMX. In an unnamed namespace on
// purpose: see panels.h.
#pragma once

#include "libradie/kernels/amx_tiles.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

struct Bf16 {
  struct Row {
    explicit Row(const char*) {}
  };
  static constexpr std::size_t kHeader = 0, kGroup = 2;

  template <bool kSecond>
  static inline __attribute__((always_inline)) void Multiply() {
    AddBf16Products<kSecond>();
  }

  static Vec Finish(const Row&, const void* sums, const PanelEnd& end, std::size_t at) {
    return Vec{_mm512_load_ps(sums)} + Vec::Load(end.bias + at);
  }
};

// Sums of up to 32 rows by 32 outputs, and where the outputs go.
struct BlockEnd {
  const char* sums;  // rows are kPanelStride apart
  const char* a;     // prepared rows, of which a Type may read the header
  std::size_t a_stride;
  PanelEnd end;
  float* c;
  std::size_t c_stride, width, rows;
};

// The way from a block's sums to its outputs, in pieces, so that it can be gone while the tiles
// multiply for the next block: they need few instructions, and would stand still meanwhile.
template <typename Type>
class Ending {
 public:
  explicit Ending(Activation activation) : activation_(activation) {}

  // The last block must be finished; this one will be in `steps` steps.
  void Begin(const BlockEnd& block, std::size_t steps) {
    block_ = block;
    next_ = 0;
    rows_a_step_ = (block.rows + steps - 1) / steps;
  }

  inline __attribute__((always_inline)) void Step() {
    const std::size_t end = Smaller<Vec>(next_ + rows_a_step_, block_.rows);
    for (; next_ < end; ++next_) FinishRow(next_);
  }

  void Finish() {
    for (; next_ < block_.rows; ++next_) FinishRow(next_);
  }

 private:
  inline __attribute__((always_inline)) void FinishRow(std::size_t r) {
    const typename Type::Row row(block_.a + r * block_.a_stride);
    const char* sums = block_.sums + r * kPanelStride;
    Vec low = Type::Finish(row, sums, block_.end, 0);
    Vec high = Type::Finish(row, sums + kTileBytes, block_.end, kTile);
    WithActivation<Vec>(activation_, [&](auto function) {
      low = function(low);
      high = function(high);
    });
    float* c = block_.c + r * block_.c_stride;
    if (block_.width == kWidth) {
      Store(c, low);
      Store(c + kTile, high);
      return;
    }
    Lanes(block_.width).Store(c, low);
    Lanes(block_.width > kTile ? block_.width - kTile : 0).Store(c + kTile, high);
  }

  const Activation activation_;
  BlockEnd block_ = {};
  std::size_t next_ = 0, rows_a_step_ = 0;
};

}  // namespace
}  // namespace radie::kernels
