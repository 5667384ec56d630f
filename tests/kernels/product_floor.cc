// Fails when a kernel set's fp32 product falls below three quarters of what its instructions can
// do, both measured here and now: a compiler that spills accumulators halves the speed and changes
// no result, so that no other test would notice. Products of prepared rows must exceed all that
// those instructions can do, or they were of no use. Exit code 77: nothing to judge.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "libradie/base/aligned_buffer.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/peak.h"

namespace radie::kernels {
namespace {

constexpr double kFloor = 0.75, kPreparedFloor = 1.0;
constexpr std::size_t kRows = 128, kSize = 768;
constexpr std::size_t kStride = kSize + 16;  // as the encoder lays its rows
// A neighbour on the machine only ever makes things slower, so the best of many short tries counts.
constexpr int kRounds = 30, kProducts = 40;

class Product {
 public:
  Product(const KernelSet& kernels, bool prepared)
      : kernels_(kernels),
        weights_(kSize * kSize, 0.01f),
        x_(kRows * kStride, 0.5f),
        y_(kRows * kStride) {
    const WeightView view{weights_.data(), kSize, kSize, DType::kF32, nullptr};
    const std::vector<float> bias(kSize, 0.0f);
    packed_ = kernels.Pack(view, bias, DType::kF32);
    if (!prepared) return;
    const std::size_t bytes = kernels.PreparedBytes(DType::kF32, kSize);
    prepared_ = AlignedBuffer(bytes * kRows);
    kernels.Prepare(DType::kF32, rows(), prepared_.data());
    operand_ = Operand(prepared_.data(), kRows, kSize, bytes);
  }

  // GFLOP/s of the fastest of some products.
  double Measure() {
    double best = 1e9;
    for (int i = 0; i < kProducts; ++i) {
      const auto start = std::chrono::steady_clock::now();
      kernels_.Linear(*packed_, operand_, Activation::kNone, {y_.data(), kRows, kSize, kStride});
      best = std::min(
          best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return 2e-9 * kRows * kSize * kSize / best;
  }

 private:
  ConstMatrixView rows() const { return {x_.data(), kRows, kSize, kStride}; }

  const KernelSet& kernels_;
  std::vector<float> weights_, x_, y_;
  std::unique_ptr<const PackedLinear> packed_;
  AlignedBuffer prepared_;
  Operand operand_ = rows();
};

// Whether the product's share of the peak reaches `floor`.
bool Reaches(const KernelSet& kernels, bool prepared, double floor) {
  ThreadPool pool(1);
  Product product(kernels, prepared);
  double peak = 0, speed = 0;
  for (int round = 0; round < kRounds && (round < 2 || speed < floor * peak); ++round) {
    peak = std::max(peak, MeasurePeakGflops(kernels, pool));
    speed = std::max(speed, product.Measure());
  }
  std::printf("%s%s: %.1f of %.1f GFLOP/s, %.2f of the peak\n", std::string(kernels.name()).c_str(),
              prepared ? ", rows prepared" : "", speed, peak, speed / peak);
  return speed >= floor * peak;
}

int Main() {
  int judged = 0, failed = 0;
  for (const KernelSet* kernels : AvailableKernelSets()) {
    if (!kernels->rows_independent()) continue;  // the library's own kernels only
    ++judged;
    if (!Reaches(*kernels, false, kFloor)) ++failed;
    if (kernels->PreparedBytes(DType::kF32, kSize) != 0 &&
        !Reaches(*kernels, true, kPreparedFloor)) {
      ++failed;
    }
  }
  return judged == 0 ? 77 : failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace radie::kernels

int main() { return radie::kernels::Main(); }
