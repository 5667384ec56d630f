#include "libradie/base/float_environment.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace radie {

// C's functions say nothing of flush-to-zero and denormals-are-zero, so a C library may leave them:
// on x86-64 the control register is set, and put back, by itself.
FloatEnvironment::FloatEnvironment() noexcept {
  std::fegetenv(&host_);
#if defined(__x86_64__)
  control_ = _mm_getcsr();
#endif
  std::fesetenv(FE_DFL_ENV);
#if defined(__x86_64__)
  constexpr unsigned kDefault = 0x1F80;  // all exceptions masked, to nearest, no flag raised
  _mm_setcsr(kDefault);
#endif
}

FloatEnvironment::~FloatEnvironment() {
  std::fesetenv(&host_);
#if defined(__x86_64__)
  _mm_setcsr(control_);
#endif
}

}  // namespace radie
