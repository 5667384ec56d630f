#include "libradie/base/weight_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "libradie/base/sanitizers.h"

namespace radie {
namespace {

TEST(WeightMemory, BlocksAreAlignedAndLieApart) {
  WeightMemory memory;
  // Of the last two each is larger than what a piece holds.
  const std::vector<std::size_t> sizes = {1,          64,         65, 3'000'000,
                                          20'000'000, 40'000'000, 7,  50'000'000};
  std::vector<WeightMemory::Block> blocks;
  for (const std::size_t bytes : sizes) {
    blocks.push_back(memory.Take(bytes));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().get()) % 64, 0u);
    std::memset(blocks.back().get(), static_cast<int>(blocks.size()), bytes);
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (const std::size_t at : {std::size_t{0}, sizes[i] / 2, sizes[i] - 1}) {
      EXPECT_EQ(blocks[i].get()[at], static_cast<std::byte>(i + 1)) << sizes[i];
    }
  }
}

TEST(WeightMemory, SmallBlocksFollowEachOther) {
  if (kAddressSanitizer) GTEST_SKIP() << "not with AddressSanitizer";
  WeightMemory memory;
  const WeightMemory::Block a = memory.Take(100), b = memory.Take(10);
  EXPECT_EQ(b.get(), a.get() + 128);
}

TEST(WeightMemoryDeathTest, AnOverrunIsSeen) {
  if (!kAddressSanitizer) GTEST_SKIP() << "AddressSanitizer is what sees it";
  WeightMemory memory;
  const WeightMemory::Block a = memory.Take(100), b = memory.Take(10);
  volatile std::byte* behind = a.get() + 100;
  EXPECT_DEATH(*behind = std::byte{1}, "heap-buffer-overflow");
}

TEST(WeightMemory, NothingIsNoBlock) { EXPECT_EQ(WeightMemory().Take(0), nullptr); }

TEST(WeightMemory, ABlockOutlivesWhereItIsFrom) {
  WeightMemory::Block block;
  {
    WeightMemory memory;
    memory.Take(1000);
    block = memory.Take(1000);
  }
  std::memset(block.get(), 1, 1000);  // a sanitizer sees it if it is gone
  EXPECT_EQ(block.get()[999], std::byte{1});
}

}  // namespace
}  // namespace radie
