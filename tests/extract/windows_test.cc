#include "libradie/extract/windows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace radie::internal {
namespace {

// How far a token stands from the nearer edge of a window that is not an edge of the whole row.
std::size_t Margin(const Window& window, std::size_t token, std::size_t length) {
  const std::size_t left = window.tokens.begin == 0 ? length : token - window.tokens.begin;
  const std::size_t right = window.tokens.end == length ? length : window.tokens.end - 1 - token;
  return std::min(left, right);
}

TEST(PlanWindows, EmptyRowHasNone) { EXPECT_TRUE(PlanWindows(0, 8).empty()); }

TEST(PlanWindows, RowThatFitsIsOneWindow) {
  const auto windows = PlanWindows(8, 8);
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_EQ(windows[0].tokens, (TokenRange{0, 8}));
  EXPECT_EQ(windows[0].owned, (TokenRange{0, 8}));
}

TEST(PlanWindows, WorkedExampleOfTheHeader) {
  const auto windows = PlanWindows(10, 6);
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[1].tokens, (TokenRange{3, 9}));
  EXPECT_EQ(windows[2].tokens, (TokenRange{4, 10}));
  EXPECT_EQ(windows[0].owned, (TokenRange{0, 5}));
  EXPECT_EQ(windows[1].owned, (TokenRange{5, 7}));
  EXPECT_EQ(windows[2].owned, (TokenRange{7, 10}));
}

TEST(PlanWindows, OwnedRangesPartitionTheRowAndWindowsFit) {
  for (std::size_t length = 1; length < 80; ++length) {
    for (std::size_t capacity = 1; capacity < 40; ++capacity) {
      std::size_t next = 0;
      for (const Window& window : PlanWindows(length, capacity)) {
        EXPECT_LE(window.tokens.size(), capacity);
        EXPECT_TRUE(window.tokens.Contains(window.owned)) << length << " " << capacity;
        EXPECT_EQ(window.owned.begin, next);
        next = window.owned.end;
      }
      EXPECT_EQ(next, length);
    }
  }
}

TEST(PlanWindows, EveryTokenKeepsAQuarterWindowOfContext) {
  for (std::size_t length : {9u, 100u, 517u, 1200u}) {
    for (std::size_t capacity : {8u, 32u, 127u, 510u}) {
      if (length <= capacity) continue;  // one window, no edge
      for (const Window& window : PlanWindows(length, capacity)) {
        for (std::size_t t = window.owned.begin; t < window.owned.end; ++t) {
          EXPECT_GE(Margin(window, t, length) + 1, capacity / 4);
        }
      }
    }
  }
}

}  // namespace
}  // namespace radie::internal
