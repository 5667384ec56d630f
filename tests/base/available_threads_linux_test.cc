#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

#include "libradie/base/thread_pool.h"

namespace radie {
namespace {

TEST(AvailableThreads, FollowsTheAffinityMask) {
  cpu_set_t original;
  ASSERT_EQ(sched_getaffinity(0, sizeof(original), &original), 0);
  EXPECT_GE(AvailableThreads(), 1u);
  EXPECT_LE(AvailableThreads(), static_cast<std::size_t>(CPU_COUNT(&original)));
  std::size_t narrowed = 0;
  std::thread([&] {  // the mask is the thread's own: the test's stays
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &original)) {
        CPU_SET(cpu, &one);
        break;
      }
    }
    if (sched_setaffinity(0, sizeof(one), &one) == 0) narrowed = AvailableThreads();
  })
      .join();
  EXPECT_EQ(narrowed, 1u);
}

}  // namespace
}  // namespace radie
