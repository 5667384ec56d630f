#include "libradie/kernels/kernels.h"

#include "libradie/base/thread_pool.h"
#include "libradie/base/weight_memory.h"

namespace radie::kernels {

std::unique_ptr<const PackedLinear> KernelSet::Pack(const WeightView& weights,
                                                    const std::vector<float>& bias,
                                                    DType dtype) const {
  ThreadPool alone(1);
  WeightMemory memory;
  return Pack({&weights, 1}, {&bias, 1}, dtype, alone, memory);
}

}  // namespace radie::kernels
