#include "libradie/nn/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <utility>

namespace radie {
namespace {

TEST(Tensor, StartsAlignedAndZero) {
  Tensor tensor(3, 5);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.view().data) % 64, 0u);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(tensor.view().data[i], 0.0f);
}

TEST(Tensor, SizesThatOverflowAreRefused) {
  constexpr std::size_t kHuge = std::size_t{1} << 40;
  EXPECT_THROW(Tensor(kHuge, kHuge), std::bad_alloc);
  EXPECT_THROW(Tensor(std::size_t{1} << 62, 1), std::bad_alloc);
}

TEST(Tensor, MovedFromIsEmpty) {
  Tensor first(2, 2);
  first.view().data[3] = 7.0f;
  Tensor second = std::move(first);
  EXPECT_EQ(first.rows() * first.cols(), 0u);  // NOLINT(bugprone-use-after-move): tried here
  EXPECT_EQ(second.view().data[3], 7.0f);
}

TEST(Tensor, MayBeEmpty) {
  Tensor tensor(0, 5);
  EXPECT_EQ(tensor.rows(), 0u);
  EXPECT_EQ(tensor.cols(), 5u);
}

}  // namespace
}  // namespace radie
