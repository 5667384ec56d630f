#include "libradie/base/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace radie {
namespace {

TEST(BufferPool, AReturnedBufferIsTakenAgain) {
  BufferPool pool;
  void* first = nullptr;
  {
    const BufferPool::Lease lease = pool.Take(1000);
    first = lease.data();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 64, 0u);
  }
  EXPECT_EQ(pool.Take(1000).data(), first);
  EXPECT_EQ(pool.Take(1).data(), first);
}

TEST(BufferPool, WhatIsInUseIsNotHandedOut) {
  BufferPool pool;
  const BufferPool::Lease one = pool.Take(100), two = pool.Take(100);
  EXPECT_NE(one.data(), two.data());
}

TEST(BufferPool, GrowsToWhatIsAskedFor) {
  BufferPool pool;
  for (const std::size_t bytes : {10, 5000, 100, 3'000'000, 2}) {
    const BufferPool::Lease lease = pool.Take(bytes);
    std::memset(lease.data(), 1, bytes);  // a sanitizer sees it if it is too small
  }
}

TEST(BufferPool, ManyThreadsMayTake) {
  BufferPool pool;
  std::vector<int> right(4, 1);
  std::vector<std::thread> threads;
  for (int& mine : right) {
    threads.emplace_back([&pool, &mine, mark = static_cast<int>(&mine - right.data()) + 1] {
      for (int round = 0; round < 500; ++round) {
        const BufferPool::Lease lease = pool.Take(static_cast<std::size_t>(64 + round));
        auto* const bytes = static_cast<unsigned char*>(lease.data());
        std::memset(bytes, mark, 64);
        std::this_thread::yield();
        for (int i = 0; i < 64; ++i) mine = mine != 0 && bytes[i] == mark ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 1));
}

}  // namespace
}  // namespace radie
