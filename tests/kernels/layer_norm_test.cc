#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

class LayerNormKernel : public EveryKernelSet {};

TEST_P(LayerNormKernel, MatchesANaiveOne) {
  for (std::size_t cols = 1; cols <= 70; ++cols) {
    for (bool has_residual : {false, true}) {
      const std::size_t rows = 1 + cols % 5;
      TestMatrix x(rows, cols, cols % 7, 2), residual(rows, cols, 1, cols % 3), y(rows, cols, 3, 1);
      TestMatrix gamma(1, cols, 1), beta(1, cols, 2);
      x.Fill(random_), residual.Fill(random_), gamma.Fill(random_), beta.Fill(random_);
      const float eps = 1e-5f;
      kernels().AddLayerNorm(x.view(),
                             has_residual ? ConstMatrixView(residual.view()) : ConstMatrixView{},
                             gamma.view().data, beta.view().data, eps, y.view());
      ASSERT_TRUE(y.GapsAreUntouched());
      for (std::size_t r = 0; r < rows; ++r) {
        std::vector<double> sum(cols);
        double mean = 0, variance = 0;
        for (std::size_t c = 0; c < cols; ++c) {
          sum[c] = double{x.view().row(r)[c]} + (has_residual ? residual.view().row(r)[c] : 0.0f);
          mean += sum[c] / static_cast<double>(cols);
        }
        for (double s : sum) variance += (s - mean) * (s - mean) / static_cast<double>(cols);
        for (std::size_t c = 0; c < cols; ++c) {
          const double expected =
              (sum[c] - mean) / std::sqrt(variance + eps) * gamma.view().data[c] +
              beta.view().data[c];
          // One or two columns that nearly agree: the mean's rounding weighs up to 1/sqrt(eps).
          ASSERT_NEAR(y.view().row(r)[c], expected, cols < 4 ? 1e-4 : 5e-6) << cols << " columns";
        }
      }
    }
  }
}

TEST_P(LayerNormKernel, InPlaceAndAnywhereGiveTheSameBits) {
  for (std::size_t cols : {1, 7, 20, 36, 64, 67}) {
    TestMatrix x(5, cols), residual(5, cols), y(5, cols), gamma(1, cols), beta(1, cols);
    x.Fill(random_), residual.Fill(random_), gamma.Fill(random_), beta.Fill(random_);
    const auto normalise = [&](ConstMatrixView in, ConstMatrixView added, MatrixView out) {
      kernels().AddLayerNorm(in, added, gamma.view().data, beta.view().data, 1e-12f, out);
    };
    normalise(x.view(), residual.view(), y.view());
    TestMatrix moved(5, cols, 3, 1);
    moved.CopyFrom(x.view());
    normalise(moved.view(), residual.view(), moved.view());
    EXPECT_TRUE(SameBits(moved.view(), y.view())) << cols;
    for (std::size_t r = 0; r < 5; ++r) {  // a row by itself
      TestMatrix one(1, cols, 1 + r);
      normalise(ConstMatrixView(x.view()).Rows(r, r + 1),
                ConstMatrixView(residual.view()).Rows(r, r + 1), one.view());
      EXPECT_TRUE(SameBits(one.view(), y.view().Rows(r, r + 1))) << cols;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, LayerNormKernel, testing::ValuesIn(AvailableKernelSets()),
                         KernelSetName);

}  // namespace
}  // namespace radie::kernels
