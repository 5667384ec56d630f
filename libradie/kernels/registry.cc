// Which kernel sets this build holds and this machine can run.
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panel_set.h"
#include "libradie/kernels/portable.h"

#if defined(RADIE_HAVE_AVX2)
#include <cpuid.h>
#endif

namespace radie::kernels {
namespace {

#if defined(RADIE_HAVE_AVX2)
bool MachineHasAvx2() {
  __builtin_cpu_init();
  // The builtin also asks whether the operating system saves the registers. F16C it does not know
  // in every compiler.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return false;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

}  // namespace

std::vector<const KernelSet*> AvailableKernelSets() {
  std::vector<const KernelSet*> sets;
#if defined(RADIE_HAVE_AVX2)
  static const PanelSet avx2("avx2", kAvx2Kernels);
  if (MachineHasAvx2()) sets.push_back(&avx2);
#endif
  static const PortableSet portable;
  sets.push_back(&portable);
#if defined(RADIE_HAVE_OPENBLAS)
  static const OpenBlasSet openblas;
  sets.push_back(&openblas);
#endif
  return sets;
}

const KernelSet* FindKernelSet(std::string_view name) {
  for (const KernelSet* set : AvailableKernelSets()) {
    if (set->name() == name) return set;
  }
  return nullptr;
}

}  // namespace radie::kernels
