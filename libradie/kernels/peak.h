// The most fp32 arithmetic that a machine does with one kernel set's instructions.
#pragma once

#include "libradie/base/thread_pool.h"
#include "libradie/kernels/kernels.h"

namespace radie::kernels {

// In GFLOP/s of all of the pool's threads together, a multiply-add being two; the best of several
// tries, about a quarter of a second in all. What else runs on the machine makes it smaller.
double MeasurePeakGflops(const KernelSet& kernels, ThreadPool& pool);

}  // namespace radie::kernels
