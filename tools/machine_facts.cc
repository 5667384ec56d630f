#include "tools/machine_facts.h"

#include <sched.h>

#include <fstream>
#include <sstream>

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
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 0;
  return static_cast<std::size_t>(CPU_COUNT(&cores));
}

}  // namespace

MachineFacts DescribeMachine() {
  MachineFacts facts{Version(), Compiler(), ProcessorName(), CoresOfProcess(), {}};
  for (Isa isa : AvailableIsas()) facts.kernel_sets.push_back(IsaName(isa));
  return facts;
}

}  // namespace radie::tools
