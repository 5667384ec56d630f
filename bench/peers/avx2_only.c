/* Preloaded into a program, takes everything beyond AVX2 out of what CPUID tells it: so every
   engine runs what it has for a processor without AVX-512, AVX-VNNI and AMX. Linux on an Intel
   processor that faults on CPUID (`cpuid_fault` in /proc/cpuinfo).

   The kernel is told to let CPUID fault (arch_prctl), which holds for all threads made afterwards;
   the handler of that fault executes it and clears bits. exec() ends it, and the next program's own
   copy of this begins it again. What the loader and the C library asked before that is not taken
   back: memcpy may still use AVX-512. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SET_CPUID = 0x1012 };

static long let_cpuid_run(long enabled) { return syscall(SYS_arch_prctl, SET_CPUID, enabled); }

static unsigned bits(const unsigned char* numbers, size_t count) {
  unsigned mask = 0;
  for (size_t i = 0; i < count; ++i) mask |= 1u << numbers[i];
  return mask;
}

#define MASK(...) \
  bits((const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static void clear_beyond_avx2(unsigned leaf, unsigned subleaf, unsigned* a, unsigned* b,
                              unsigned* c, unsigned* d) {
  if (leaf == 7 && subleaf == 0) {
    *b &= ~MASK(16, 17, 21, 26, 27, 28, 30, 31); /* AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL */
    *c &= ~MASK(1, 6, 11, 12, 14);               /* VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ */
    *d &= ~MASK(2, 3, 8, 22, 23, 24,
                25); /* 4VNNIW, 4FMAPS, VP2INTERSECT, AMX BF16, AVX-512 FP16, AMX tile, INT8 */
  } else if (leaf == 7 && subleaf == 1) {
    *a &= ~MASK(4, 5, 21, 23); /* AVX-VNNI, AVX-512 BF16, AMX FP16, AVX-IFMA */
    *d &= ~MASK(4, 5, 8, 10,
                19); /* AVX-VNNI-INT8, AVX-NE-CONVERT, AMX COMPLEX, AVX-VNNI-INT16, AVX10 */
  } else if (leaf == 0xd && subleaf == 0) {
    *a &= ~MASK(5, 6, 7, 17, 18);            /* state that the system saves: masks, ZMM, tiles */
  } else if (leaf == 0x1d || leaf == 0x1e) { /* sizes of tiles */
    *a = *b = *c = *d = 0;
  }
}

static void on_fault(int signal_number, siginfo_t* info, void* context) {
  greg_t* const registers = ((ucontext_t*)context)->uc_mcontext.gregs;
  const unsigned char* const code = (const unsigned char*)registers[REG_RIP];
  (void)info;
  if (code[0] != 0x0f || code[1] != 0xa2) { /* no CPUID: die of it as before */
    signal(signal_number, SIG_DFL);
    return;
  }
  const unsigned leaf = (unsigned)registers[REG_RAX], subleaf = (unsigned)registers[REG_RCX];
  unsigned a, b, c, d;
  let_cpuid_run(1);
  __cpuid_count(leaf, subleaf, a, b, c, d);
  let_cpuid_run(0);
  clear_beyond_avx2(leaf, subleaf, &a, &b, &c, &d);
  registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGSEGV, &action, NULL) != 0 || let_cpuid_run(0) != 0) {
    fputs("avx2_only: this processor or system does not fault on CPUID\n", stderr);
    _exit(1);
  }
}
