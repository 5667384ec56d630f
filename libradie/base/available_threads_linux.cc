#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "libradie/base/cpu_limit.h"
#include "libradie/base/thread_pool.h"

namespace radie {
namespace {

// CPUs this thread may run on; nothing when the system does not say.
std::optional<std::size_t> AffinityCount() {
  for (int cpus = CPU_SETSIZE; cpus <= 1 << 20; cpus *= 2) {  // the kernel's mask may be longer
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    std::vector<unsigned long> mask(bytes / sizeof(unsigned long) + 1, 0);
    auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
    if (sched_getaffinity(0, bytes, set) == 0) {
      return static_cast<std::size_t>(CPU_COUNT_S(bytes, set));
    }
    if (errno != EINVAL) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::size_t AvailableThreads() {
  std::size_t threads = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  if (std::optional<std::size_t> affinity = AffinityCount()) threads = *affinity;
  std::ifstream file("/proc/self/cgroup");
  std::ostringstream memberships;
  if (file) memberships << file.rdbuf();
  if (std::optional<std::size_t> quota = CgroupCpuLimit(memberships.str(), "/sys/fs/cgroup")) {
    threads = std::min(threads, *quota);
  }
  return std::max<std::size_t>(1, threads);
}

}  // namespace radie
