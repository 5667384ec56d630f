#include "libradie/kernels/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "libradie/kernels/scalar_vector.h"

namespace radie::kernels {
namespace {

// Distance in units of the last place of the fp32 nearest to `exact`.
double Ulps(float value, double exact) {
  const float nearest = static_cast<float>(exact);
  const double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return std::fabs(value - exact) / unit;
}

TEST(VectorMath, ExpIsWithinTwoUlps) {
  double worst = 0;
  for (int i = -870'000; i <= 880'000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    worst = std::max(worst, Ulps(Exp(ScalarVector{x}).value, std::exp(double{x})));
  }
  EXPECT_LE(worst, 2.0);
  EXPECT_EQ(Exp(ScalarVector{0.0f}).value, 1.0f);
}

TEST(VectorMath, ExpStaysFiniteBeyondItsDomain) {
  EXPECT_EQ(Exp(ScalarVector{-1e30f}).value, Exp(ScalarVector{-87.0f}).value);
  EXPECT_EQ(Exp(ScalarVector{1e30f}).value, Exp(ScalarVector{88.0f}).value);
}

TEST(VectorMath, ErfAndTanhAreCloseAndBounded) {
  for (int i = -120'000; i <= 120'000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    const float erf = Erf(ScalarVector{x}).value, tanh = Tanh(ScalarVector{x}).value;
    ASSERT_NEAR(erf, std::erf(double{x}), 4e-7) << x;
    ASSERT_NEAR(tanh, std::tanh(double{x}), 4e-7) << x;
    ASSERT_LE(std::fabs(erf), 1.0f);
    ASSERT_LE(std::fabs(tanh), 1.0f);
  }
  for (float x : {5.0f, 1e6f, 3e38f}) {
    EXPECT_EQ(Erf(ScalarVector{x}).value, 1.0f);
    EXPECT_EQ(Erf(ScalarVector{-x}).value, -1.0f);
    EXPECT_EQ(Tanh(ScalarVector{2 * x}).value, 1.0f);
    EXPECT_EQ(Tanh(ScalarVector{-2 * x}).value, -1.0f);
  }
}

TEST(VectorMath, SmallArgumentsKeepTheirRelativeAccuracy) {
  for (float x : {1e-30f, 1e-10f, 1e-4f, 0.01f, 0.1f, 0.3f}) {
    EXPECT_NEAR(Erf(ScalarVector{x}).value / std::erf(double{x}), 1.0, 4e-7) << x;
    EXPECT_NEAR(Tanh(ScalarVector{x}).value / std::tanh(double{x}), 1.0, 4e-7) << x;
  }
}

TEST(VectorMath, GeluOfLargeArguments) {
  for (float x : {20.0f, 1e4f}) {
    EXPECT_EQ(GeluErf(ScalarVector{x}).value, x);
    EXPECT_EQ(GeluErf(ScalarVector{-x}).value, 0.0f);
    EXPECT_EQ(GeluTanh(ScalarVector{x}).value, x);
    EXPECT_EQ(GeluTanh(ScalarVector{-x}).value, 0.0f);
  }
}

}  // namespace
}  // namespace radie::kernels
