#include "libradie/kernels/x86_features.h"

#include <cpuid.h>

#include "libradie/kernels/tile_permission.h"

namespace radie::kernels {
namespace {

struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf Cpuid(unsigned leaf, unsigned subleaf) {
  Leaf result;
  if (__get_cpuid_count(leaf, subleaf, &result.eax, &result.ebx, &result.ecx, &result.edx) == 0) {
    return {};
  }
  return result;
}

bool Has(unsigned bits, int bit) { return (bits >> bit & 1u) != 0; }

// The register files that the operating system saves; 0 when it does not say.
unsigned SavedRegisters(const Leaf& basic) {
  constexpr int kOsxsave = 27;
  if (!Has(basic.ecx, kOsxsave)) return 0;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

X86Features Detect() {
  constexpr unsigned kAvxState = 0x6, kAvx512State = 0xE6, kTileState = 0x60000;
  const Leaf basic = Cpuid(1, 0), extended = Cpuid(7, 0), more = Cpuid(7, 1);
  const unsigned saved = SavedRegisters(basic);

  X86Features features;
  features.avx2 = (saved & kAvxState) == kAvxState && Has(extended.ebx, 5) &&
                  Has(basic.ecx, 12) /* FMA */ && Has(basic.ecx, 29) /* F16C */;
  features.avx_vnni = features.avx2 && Has(more.eax, 4);
  features.avx512 = features.avx2 && (saved & kAvx512State) == kAvx512State &&
                    Has(extended.ebx, 16) && Has(extended.ebx, 17) /* DQ */ &&
                    Has(extended.ebx, 30) /* BW */ && Has(extended.ebx, 31) /* VL */;
  features.avx512_vnni = features.avx512 && Has(extended.ecx, 11);
  features.avx512_bf16 = features.avx512 && Has(more.eax, 5);
  features.amx = features.avx512_vnni && features.avx512_bf16 &&
                 (saved & kTileState) == kTileState && Has(extended.edx, 22) /* bf16 */ &&
                 Has(extended.edx, 24) /* tiles */ && Has(extended.edx, 25) /* int8 */ &&
                 RequestTiles();
  return features;
}

}  // namespace

const X86Features& DetectX86Features() {
  static const X86Features features = Detect();
  return features;
}

}  // namespace radie::kernels
