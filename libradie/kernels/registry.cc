// Which kernel sets this build holds and this machine can run.
#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panel_set.h"
#include "libradie/kernels/portable.h"

#if defined(RADIE_HAVE_X86_KERNELS)
#include "libradie/kernels/x86_features.h"
#endif

namespace radie::kernels {
namespace {

#if defined(RADIE_HAVE_X86_KERNELS)
void AddX86Sets(std::vector<const KernelSet*>& sets) {
  static const PanelSet avx512_bf16("avx512_bf16", kAvx512Float, &kAvx512Bf16, &kAvx512VnniInt8);
  static const PanelSet avx512_vnni("avx512_vnni", kAvx512Float, nullptr, &kAvx512VnniInt8);
  static const PanelSet avx512("avx512", kAvx512Float, nullptr, &kAvx2Int8);
  static const PanelSet avx2_vnni("avx2_vnni", kAvx2Float, nullptr, &kAvxVnniInt8);
  static const PanelSet avx2("avx2", kAvx2Float, nullptr, &kAvx2Int8);
  const X86Features& features = DetectX86Features();
#if defined(RADIE_HAVE_AMX_KERNELS)
  static const PanelSet amx("amx", kAvx512Float, &kAmxBf16, &kAmxInt8);
  if (features.amx) sets.push_back(&amx);
#endif
  if (features.avx512_bf16 && features.avx512_vnni) sets.push_back(&avx512_bf16);
  if (features.avx512_vnni) sets.push_back(&avx512_vnni);
  if (features.avx512) sets.push_back(&avx512);
  if (features.avx_vnni) sets.push_back(&avx2_vnni);
  if (features.avx2) sets.push_back(&avx2);
}
#endif

}  // namespace

std::vector<const KernelSet*> AvailableKernelSets() {
  std::vector<const KernelSet*> sets;
#if defined(RADIE_HAVE_X86_KERNELS)
  AddX86Sets(sets);
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
