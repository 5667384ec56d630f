// What every libFuzzer program begins with.
#include <gtest/gtest.h>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  GTEST_FLAG_SET(throw_on_failure, true);
  return 0;
}

// Short stacks of allocations and a small quarantine: both cost more than the targets do.
extern "C" const char* __asan_default_options() {
  return "malloc_context_size=3:quarantine_size_mb=16:allocator_may_return_null=1:"
         "detect_stack_use_after_return=0";
}
