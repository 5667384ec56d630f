#include "radie/version.h"

#include "libradie/kernels/kernels.h"

namespace radie {

const char* Version() { return RADIE_VERSION_STRING; }

std::string BuildInfo() {
  std::string info = "radie " RADIE_VERSION_STRING "\n";
#if defined(__clang__)
  info += "compiler: Clang " __clang_version__ "\n";
#elif defined(__GNUC__)
  info += "compiler: GCC " __VERSION__ "\n";
#endif
#if defined(RADIE_WITH_OPENBLAS)
  info += "RADIE_WITH_OPENBLAS: on\n";
#else
  info += "RADIE_WITH_OPENBLAS: off\n";
#endif
#if defined(RADIE_WITH_MECAB)
  info += "RADIE_WITH_MECAB: on\n";
#else
  info += "RADIE_WITH_MECAB: off\n";
#endif
#if defined(RADIE_WITH_SENTENCEPIECE)
  info += "RADIE_WITH_SENTENCEPIECE: on\n";
#else
  info += "RADIE_WITH_SENTENCEPIECE: off\n";
#endif
  info += "kernels on this machine, best first:";
  for (const kernels::KernelSet* set : kernels::AvailableKernelSets()) {
    info += ' ';
    info += set->name();
  }
  info += "\n";
  return info;
}

}  // namespace radie
