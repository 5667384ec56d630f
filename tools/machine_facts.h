// What a time was measured on: without it the time means nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace radie::tools {

struct MachineFacts {
  std::string version;                   // of radie
  std::string compiler;                  // "GCC 12.2.0"; empty when the library does not say
  std::string cpu;                       // the processor's name; empty when the system does not say
  std::size_t cores = 0;                 // that this process may run on
  std::vector<std::string> kernel_sets;  // on this machine, best first
};

MachineFacts DescribeMachine();

}  // namespace radie::tools
