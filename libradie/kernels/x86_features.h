// What this processor and its operating system can run. Asked once.
#pragma once

namespace radie::kernels {

struct X86Features {
  bool avx2 = false;         // with FMA and F16C
  bool avx_vnni = false;     // with avx2
  bool avx512 = false;       // F, BW, VL and DQ, with avx2
  bool avx512_vnni = false;  // with avx512
  bool avx512_bf16 = false;  // with avx512
  bool amx = false;          // int8 and bf16 tiles, with avx512_vnni and avx512_bf16
};

// Thread-safe. Where the processor has AMX, the first call asks Linux to let this process use its
// tiles; a kernel that refuses (or a host whose alternate signal stacks are too small for them)
// means no AMX.
const X86Features& DetectX86Features();

}  // namespace radie::kernels
