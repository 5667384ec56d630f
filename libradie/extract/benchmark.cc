#include "radie/benchmark.h"

#include "libradie/base/float_environment.h"
#include "libradie/base/thread_pool.h"
#include "libradie/extract/pick_kernels.h"
#include "libradie/kernels/peak.h"
#include "radie/error.h"

namespace radie {

double MeasurePeakGflops(Isa isa, std::size_t threads) {
  const kernels::KernelSet& kernels = internal::PickKernels(isa, "MeasurePeakGflops: isa");
  if (threads > ThreadPool::kMaxThreads) {
    throw Error(ErrorCode::kInvalidArgument, "MeasurePeakGflops: more than 1024 threads");
  }
  const FloatEnvironment environment;
  ThreadPool pool(threads);
  return kernels::MeasurePeakGflops(kernels, pool);
}

}  // namespace radie
