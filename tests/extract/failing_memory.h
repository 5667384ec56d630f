// Memory that runs out on demand. A program that links failing_memory.cc has its allocations from
// there: all of malloc's, or, under a sanitizer, which keeps malloc for itself, those of C++.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "libradie/base/sanitizers.h"

#if RADIE_ADDRESS_SANITIZER || RADIE_THREAD_SANITIZER
#define RADIE_SANITIZED
#endif

namespace radie::testing {

inline constexpr long kAll = std::numeric_limits<long>::max();

// So many allocations fail, one after the other. The first one of a call is number 0.
struct Failing {
  long first = 0, count = 1;
};
inline constexpr Failing kNone = {0, 0};

// Failing::count for one and, behind it, the next one that is asked for; the exception that the
// first one throws is a block of malloc's in between.
#if defined(RADIE_SANITIZED)
inline constexpr long kTwo = 2;
#else
inline constexpr long kTwo = 3;
#endif

// How many times longer than usual a call takes, roughly: so many fewer are made.
inline constexpr long kSlow = kThreadSanitizer ? 16 : kAddressSanitizer ? 4 : 1;

// What a call ended with while allocations failed.
enum class Ending {
  kDone,
  kTold,   // std::bad_alloc, or Error(kOutOfMemory)
  kUntold  // anything else that was thrown
};

// One call under failing allocations. `failed` of them did; the call made `made` in all, those
// included.
struct Trial {
  Ending ending = Ending::kDone;
  std::string_view thrown;  // what kUntold was
  long failed = 0, made = 0;
};
Trial Try(const std::function<void()>& call, Failing failing);

// Blocks that have been allocated and not freed, in the whole process.
long LiveBlocks();

struct Steps {
  long count = 1;   // Failing::count
  long least = 0;   // allocations that the call makes at least
  long most = 800;  // how often the call is made, at most: half in a row, half spread

  // Blocks may stay: of threads' stacks, which the system keeps, or lost by a library below.
  bool blocks_stay = false;
};

// Makes the allocations of `call` fail in turn, each of the first hundreds and then some evenly
// spread. `call` is called once before, undisturbed, so that what the process makes once for
// all is there. After each call `after` must hold; it puts back what a failure let go that is kept
// from call to call, and lets go of what the call made. Then nothing may be left.
void FailEach(const std::function<void()>& call, const std::function<void()>& after, Steps steps);

// The same of a call that makes something. What it makes in spite of failures, and what it makes
// undisturbed after each turn, is as seen() the same as what it made before.
template <typename Make, typename Seen>
void FailEachMaking(const Make& make, const Seen& seen, Steps steps) {
  const auto wanted = seen(make());
  std::optional<std::invoke_result_t<Make>> made;
  const auto after = [&] {
    if (made) {
      ASSERT_EQ(seen(*made), wanted) << "made while memory failed";
    }
    made.reset();
    ASSERT_EQ(seen(make()), wanted);
  };
  FailEach([&] { made.emplace(make()); }, after, steps);
}

// Of a test's parameter, which is Failing::count.
std::string NameOfCount(const ::testing::TestParamInfo<long>& info);

}  // namespace radie::testing
