#include "libradie/base/float_environment.h"

namespace radie {

// C's functions say nothing of flush-to-zero and denormals-are-zero, so a C library may leave them:
// on x86-64 the control register is set, and put back, by itself.
FloatEnvironment::FloatEnvironment() noexcept {
  std::fegetenv(&host_);
#if defined(__x86_64__)
  control_ = __builtin_ia32_stmxcsr();
#endif
  std::fesetenv(FE_DFL_ENV);
#if defined(__x86_64__)
  constexpr unsigned kDefault = 0x1F80;  // all exceptions masked, to nearest, no flag raised
  __builtin_ia32_ldmxcsr(kDefault);
#endif
}

FloatEnvironment::~FloatEnvironment() {
  std::fesetenv(&host_);
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(control_);
#endif
}

}  // namespace radie
