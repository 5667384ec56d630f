#include "libradie/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace radie {
namespace {

// std::clock() is the time of day in Windows.
double ProcessCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

TEST(ThreadPool, EveryTaskRunsOnceAndWorkersAreNamed) {
  for (std::size_t threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    for (std::size_t tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(tasks);
      std::atomic<std::size_t> out_of_range{0};
      pool.For(tasks, [&](std::size_t task, std::size_t worker) {
        ++runs[task];
        if (worker >= threads) ++out_of_range;
      });
      for (std::atomic<int>& count : runs) ASSERT_EQ(count, 1);
      ASSERT_EQ(out_of_range, 0u);
    }
  }
}

TEST(ThreadPool, AWorkerNumberIsNeverUsedByTwoThreadsAtOnce) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> inside(4);
  std::atomic<int> clashes{0};
  for (int round = 0; round < 200; ++round) {
    pool.For(16, [&](std::size_t, std::size_t worker) {
      if (inside[worker].fetch_add(1) != 0) ++clashes;
      inside[worker].fetch_sub(1);
    });
  }
  EXPECT_EQ(clashes, 0);
}

TEST(ThreadPool, WorkersTakePart) {
  ThreadPool pool(2);
  std::atomic<int> here{0};
  std::atomic<bool> met{true};
  // Both tasks must be under way at once: each waits for the other.
  pool.For(2, [&](std::size_t, std::size_t) {
    ++here;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (here < 2) {
      if (std::chrono::steady_clock::now() > give_up) {
        met = false;
        return;
      }
      std::this_thread::yield();
    }
  });
  EXPECT_TRUE(met);
}

TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(3);
  std::atomic<std::size_t> sum{0};
  for (std::size_t round = 0; round < 20'000; ++round) {
    pool.For(3, [&](std::size_t task, std::size_t) { sum += task; });
    if (round % 4096 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(sum, 60'000u);
}

TEST(ThreadPool, TheFirstExceptionComesBackAndThePoolLivesOn) {
  for (std::size_t threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    std::atomic<std::size_t> begun{0};
    EXPECT_THROW(pool.For(1'000'000,
                          [&](std::size_t, std::size_t) {
                            ++begun;
                            throw std::runtime_error("task");
                          }),
                 std::runtime_error);
    EXPECT_LE(begun, threads);  // the rest was skipped
    std::atomic<std::size_t> ran{0};
    pool.For(10, [&](std::size_t, std::size_t) { ++ran; });
    EXPECT_EQ(ran, 10u);
  }
}

TEST(ThreadPool, ManyCallersAtOnce) {
  for (std::size_t threads : {1, 3}) {
    ThreadPool pool(threads);
    std::atomic<std::size_t> sum{0};
    std::vector<std::thread> callers;
    for (int c = 0; c < 4; ++c) {
      callers.emplace_back([&] {
        for (int round = 0; round < 500; ++round) {
          std::atomic<std::size_t> own{0};
          pool.For(5, [&](std::size_t, std::size_t) { ++own; });
          sum += own;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(sum, 4u * 500 * 5);
  }
}

TEST(ThreadPool, IdleWorkersSleep) {
  ThreadPool pool(4);
  pool.For(4, [](std::size_t, std::size_t) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double before = ProcessCpuSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(ProcessCpuSeconds() - before, 0.05);
}

TEST(ThreadPool, ZeroThreadsAreAsManyAsTheProcessMayUse) {
  ThreadPool pool(0);
  EXPECT_EQ(pool.threads(), std::min(AvailableThreads(), ThreadPool::kMaxThreads));
}

TEST(ThreadPool, PiecesAreEveryElementOnce) {
  ThreadPool pool(3);
  for (const std::size_t count : {0, 1, 131'072, 131'073, 1'000'000}) {
    std::vector<std::uint8_t> seen(count, 0);
    ForPieces(pool, count, [&](std::size_t begin, std::size_t end) {
      ASSERT_LT(begin, end);
      for (std::size_t i = begin; i < end; ++i) ++seen[i];
    });
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(count));
  }
}

TEST(ThreadPool, IdleWorkersBurnNothing) {
  ThreadPool pool(4);
  std::atomic<int> done{0};
  pool.For(100, [&](std::size_t, std::size_t) { ++done; });
  EXPECT_EQ(done, 100);
  const double before = ProcessCpuSeconds();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_LT(ProcessCpuSeconds() - before, 0.0101);  // one tick of a clock of 100 a second
}

}  // namespace
}  // namespace radie
