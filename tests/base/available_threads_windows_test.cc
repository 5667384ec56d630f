#include <gtest/gtest.h>
#include <windows.h>

#include <bit>

#include "libradie/base/thread_pool.h"

namespace radie {
namespace {

TEST(AvailableThreads, FollowsTheAffinityMask) {
  DWORD_PTR original = 0, system = 0;
  ASSERT_NE(GetProcessAffinityMask(GetCurrentProcess(), &original, &system), 0);
  EXPECT_EQ(AvailableThreads(), static_cast<std::size_t>(std::popcount(original)));
  ASSERT_NE(SetProcessAffinityMask(GetCurrentProcess(), original & (~original + 1)), 0);
  EXPECT_EQ(AvailableThreads(), 1u);
  EXPECT_NE(SetProcessAffinityMask(GetCurrentProcess(), original), 0);
}

}  // namespace
}  // namespace radie
