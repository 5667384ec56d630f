#include "libradie/kernels/peak.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace radie::kernels {
namespace {

constexpr int kTries = 12;
constexpr double kSecondsATry = 0.02;  // against which waking a worker is nothing

double SecondsOf(const FmaLoop& loop, std::size_t rounds, ThreadPool& pool) {
  const auto start = std::chrono::steady_clock::now();
  // The values go towards 2: neither a denormal nor an infinity slows a multiplication.
  pool.For(pool.threads(), [&](std::size_t, std::size_t) { loop.run(rounds, 0.5f, 1.0f); });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

double MeasurePeakGflops(const KernelSet& kernels, ThreadPool& pool) {
  const FmaLoop loop = kernels.fma_loop();
  std::size_t rounds = 1 << 16;
  double seconds = SecondsOf(loop, rounds, pool);
  while (seconds < kSecondsATry) {
    rounds *= 2;
    seconds = SecondsOf(loop, rounds, pool);
  }
  for (int i = 1; i < kTries; ++i) seconds = std::min(seconds, SecondsOf(loop, rounds, pool));
  const double flops = 2.0 * static_cast<double>(loop.values) * static_cast<double>(rounds) *
                       static_cast<double>(pool.threads());
  return flops * 1e-9 / seconds;
}

}  // namespace radie::kernels
