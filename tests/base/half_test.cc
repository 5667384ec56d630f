#include "libradie/base/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace radie {
namespace {

// The definition: (-1)^s × 2^(e-15) × 1.m, or 2^-14 × 0.m when e = 0.
double Definition(std::uint32_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  const int exponent = static_cast<int>(bits >> 10 & 0x1F);
  const double fraction = (bits & 0x3FF) / 1024.0;
  return exponent == 0 ? sign * std::ldexp(fraction, -14)
                       : sign * std::ldexp(1.0 + fraction, exponent - 15);
}

TEST(Half, EveryFinitePatternIsExact) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7C00) == 0x7C00) continue;
    const float wide = WidenHalf(static_cast<std::uint16_t>(bits));
    ASSERT_EQ(double{wide}, Definition(bits)) << bits;
    ASSERT_EQ(std::signbit(wide), (bits & 0x8000) != 0) << bits;
  }
}

TEST(Half, InfinityAndNanStayWhatTheyAre) {
  EXPECT_EQ(WidenHalf(0x7C00), INFINITY);
  EXPECT_EQ(WidenHalf(0xFC00), -INFINITY);
  EXPECT_TRUE(std::isnan(WidenHalf(0x7C01)));
  EXPECT_TRUE(std::isnan(WidenHalf(0xFFFF)));
}

TEST(Half, NarrowingUndoesWideningForEveryFiniteHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7C00) == 0x7C00) continue;
    ASSERT_EQ(NarrowHalf(WidenHalf(static_cast<std::uint16_t>(bits))), bits);
  }
}

TEST(Half, NarrowingRoundsToTheNearestAndTiesToEven) {
  for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    const float low = WidenHalf(static_cast<std::uint16_t>(bits));
    const float high = WidenHalf(static_cast<std::uint16_t>(bits + 1));
    const float middle = low + (high - low) / 2;  // exact
    ASSERT_EQ(NarrowHalf(middle), bits + (bits & 1)) << bits;
    ASSERT_EQ(NarrowHalf(std::nextafter(middle, low)), bits) << bits;
    ASSERT_EQ(NarrowHalf(std::nextafter(middle, high)), bits + 1) << bits;
  }
}

TEST(Bfloat16, NarrowingRoundsToTheNearestAndTiesToEven) {
  for (std::uint32_t bits = 0; bits < 0x7F7F; bits += 3) {
    const float low = WidenBfloat16(static_cast<std::uint16_t>(bits));
    const float high = WidenBfloat16(static_cast<std::uint16_t>(bits + 1));
    ASSERT_EQ(NarrowBfloat16(low), bits);
    const float middle = std::bit_cast<float>(bits << 16 | 0x8000u);
    ASSERT_EQ(NarrowBfloat16(middle), bits + (bits & 1)) << bits;
    ASSERT_EQ(NarrowBfloat16(std::nextafter(middle, low)), bits) << bits;
    ASSERT_EQ(NarrowBfloat16(std::nextafter(middle, high)), bits + 1) << bits;
  }
}

}  // namespace
}  // namespace radie
