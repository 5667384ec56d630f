// Which kernel sets this build holds and this machine can run.
#include <algorithm>

#include "libradie/kernels/kernels.h"
#include "libradie/kernels/panel_set.h"
#include "libradie/kernels/portable.h"

#if defined(RADIE_HAVE_X86_KERNELS)
#include "libradie/kernels/x86_features.h"
#endif

namespace radie::kernels {
namespace {

// A set of this build.
struct BuiltSet {
  const KernelSet* set;
  bool runs;  // on this machine
};

#if defined(RADIE_HAVE_X86_KERNELS)
void AddX86Sets(std::vector<BuiltSet>& sets) {
  static const PanelSet avx512_bf16("avx512_bf16", kAvx512Float, &kAvx512Bf16, &kAvx512VnniInt8);
  static const PanelSet avx512_vnni("avx512_vnni", kAvx512Float, nullptr, &kAvx512VnniInt8);
  static const PanelSet avx512("avx512", kAvx512Float, nullptr, &kAvx2Int8);
  static const PanelSet avx2_vnni("avx2_vnni", kAvx2Float, nullptr, &kAvxVnniInt8);
  static const PanelSet avx2("avx2", kAvx2Float, nullptr, &kAvx2Int8);
  const X86Features& features = DetectX86Features();
#if defined(RADIE_HAVE_AMX_KERNELS)
  static const PanelSet amx("amx", kAvx512Float, &kAmxBf16, &kAmxInt8, &kAmxFloat);
  sets.push_back({&amx, features.amx});
#endif
  sets.push_back({&avx512_bf16, features.avx512_bf16 && features.avx512_vnni});
  sets.push_back({&avx512_vnni, features.avx512_vnni});
  sets.push_back({&avx512, features.avx512});
  sets.push_back({&avx2_vnni, features.avx_vnni});
  sets.push_back({&avx2, features.avx2});
}
#endif

// Best first.
std::vector<BuiltSet> BuiltSets() {
  std::vector<BuiltSet> sets;
#if defined(RADIE_HAVE_X86_KERNELS)
  AddX86Sets(sets);
#endif
  static const PortableSet portable;
  sets.push_back({&portable, true});
#if defined(RADIE_HAVE_OPENBLAS)
  static const OpenBlasSet openblas;
  sets.push_back({&openblas, true});
#endif
  return sets;
}

}  // namespace

std::vector<const KernelSet*> AvailableKernelSets() {
  std::vector<const KernelSet*> sets;
  for (const BuiltSet& built : BuiltSets()) {
    if (built.runs) sets.push_back(built.set);
  }
  return sets;
}

bool ReadsLayouts(const KernelSet& set, std::span<const PanelLayout> layouts) {
  return !layouts.empty() &&
         std::all_of(layouts.begin(), layouts.end(), [&](const PanelLayout& layout) {
           return set.LayoutOf(layout.dtype) == layout;
         });
}

std::vector<std::string_view> KernelSetsReading(std::span<const PanelLayout> layouts) {
  std::vector<std::string_view> names;
  for (const BuiltSet& built : BuiltSets()) {
    if (ReadsLayouts(*built.set, layouts)) names.push_back(built.set->name());
  }
  return names;
}

const KernelSet* FindKernelSet(std::string_view name) {
  for (const KernelSet* set : AvailableKernelSets()) {
    if (set->name() == name) return set;
  }
  return nullptr;
}

}  // namespace radie::kernels
