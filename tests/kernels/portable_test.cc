#include "libradie/kernels/portable.h"

#include <gtest/gtest.h>

#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

struct Products : PortableSet {
  using PortableSet::Multiply;
};

#if defined(__x86_64__)
// Eigen sums 760 products as 384 and 376 where the first cache has 32 KiB, which it is to take for
// granted, and at one go where it has 48 KiB. On machines of 32 KiB this shows nothing.
TEST(Portable, OrderOfSumsIsNotThatOfTheMachinesCaches) {
  constexpr std::size_t kSize = 48, kInputs = 760, kFirst = 384;
  std::mt19937 random(7);
  const TestMatrix x = TestMatrix(kSize, kInputs).Fill(random);
  const TestMatrix weights = TestMatrix(kSize, kInputs).Fill(random);
  TestMatrix whole(kSize, kSize), first(kSize, kSize), rest(kSize, kSize);
  const Products set;
  set.Multiply(x.view(), weights.view(), whole.view());
  set.Multiply(x.view().Cols(0, kFirst), weights.view().Cols(0, kFirst), first.view());
  set.Multiply(x.view().Cols(kFirst, kInputs), weights.view().Cols(kFirst, kInputs), rest.view());
  for (std::size_t r = 0; r < kSize; ++r) {
    for (std::size_t c = 0; c < kSize; ++c) {
      EXPECT_EQ(whole.view().row(r)[c], first.view().row(r)[c] + rest.view().row(r)[c])
          << r << ", " << c;
    }
  }
}
#endif

}  // namespace
}  // namespace radie::kernels
