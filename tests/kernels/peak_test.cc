#include "libradie/kernels/peak.h"

#include <gtest/gtest.h>

#include <cmath>

namespace radie::kernels {
namespace {

// The loop must do all that it is counted for: with whole numbers its sum is exact.
TEST(FmaLoop, EveryValueTakesPartInEveryRound) {
  for (const KernelSet* set : AvailableKernelSets()) {
    const FmaLoop loop = set->fma_loop();
    const auto values = static_cast<float>(loop.values);
    EXPECT_GE(loop.values, 4u) << set->name();
    EXPECT_EQ(loop.run(0, 1.0f, 1.0f), 0.0f) << set->name();
    EXPECT_EQ(loop.run(1, 1.0f, 3.0f), 3.0f * values) << set->name();
    EXPECT_EQ(loop.run(100, 1.0f, 1.0f), 100.0f * values) << set->name();
    EXPECT_EQ(loop.run(10, 2.0f, 1.0f), 1023.0f * values) << set->name();
  }
}

TEST(Peak, IsMeasuredOnEverySet) {
  ThreadPool pool(2);
  for (const KernelSet* set : AvailableKernelSets()) {
    const double gflops = MeasurePeakGflops(*set, pool);
    EXPECT_TRUE(std::isfinite(gflops)) << set->name();
    EXPECT_GT(gflops, 0.01) << set->name();
  }
}

}  // namespace
}  // namespace radie::kernels
