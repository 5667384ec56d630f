#include "tools/machine_facts.h"

#include <sched.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <vector>

#include "radie/options.h"
#include "radie/version.h"

namespace radie::tools {
namespace {

// What stands after the first "KEY<spaces and tabs>:" at the beginning of a line.
std::string ValueOf(std::istream& lines, const std::string& key) {
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    if (line.find_first_not_of(" \t", key.size()) != colon) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

std::string ProcessorName() {
  std::ifstream facts("/proc/cpuinfo");
  return ValueOf(facts, "model name");
}

std::string Compiler() {
  std::istringstream facts(BuildInfo());
  return ValueOf(facts, "compiler");
}

std::size_t CoresOfProcess() {
  for (int most = CPU_SETSIZE; most <= 1 << 20; most *= 2) {  // the kernel's mask may be longer
    const std::size_t bytes = CPU_ALLOC_SIZE(most);
    std::vector<unsigned long> mask(bytes / sizeof(unsigned long));
    auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
    if (::sched_getaffinity(0, bytes, set) == 0) {
      return static_cast<std::size_t>(CPU_COUNT_S(bytes, set));
    }
    if (errno != EINVAL) break;
  }
  return 0;
}

}  // namespace

MachineFacts DescribeMachine() {
  MachineFacts facts{Version(), Compiler(), ProcessorName(), CoresOfProcess(), {}};
  for (Isa isa : AvailableIsas()) facts.kernel_sets.push_back(IsaName(isa));
  return facts;
}

}  // namespace radie::tools
