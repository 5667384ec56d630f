#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

// q, k and v side by side, as the encoder has them.
struct Case {
  Case(std::mt19937& random, std::size_t tokens, std::size_t heads_, std::size_t size_,
       std::size_t shift = 0, float spread = 1.0f, DType products_ = DType::kF32)
      : heads(heads_),
        size(size_),
        products(products_),
        qkv(tokens, 3 * heads_ * size_, shift, shift),
        out(tokens, heads_ * size_, shift, 2 * shift) {
    qkv.Fill(random, spread);
  }

  AttentionArgs args() {
    const std::size_t width = heads * size;
    const ConstMatrixView all = qkv.view();
    return {all.Cols(0, width),
            all.Cols(width, 2 * width),
            all.Cols(2 * width, 3 * width),
            out.view(),
            heads,
            size,
            1.0f / std::sqrt(static_cast<float>(size)),
            products};
  }

  std::size_t heads, size;
  DType products;
  TestMatrix qkv, out;
};

// `tolerance` is what scores, fp32 sums and exponentials may be off by; the rounding of the
// softmax's numerators to bf16, of at most 2^-8 of each, is allowed for beside it.
void ExpectNearNaive(const AttentionArgs& a, double tolerance) {
  const std::size_t n = a.k.rows;
  const double rounding = a.products == DType::kBF16 ? 1.0 / 256 : 0.0;
  std::vector<double> weights(n);
  for (std::size_t h = 0; h < a.heads; ++h) {
    const std::size_t at = h * a.head_size;
    for (std::size_t q = 0; q < n; ++q) {
      for (std::size_t k = 0; k < n; ++k) {
        double dot = 0;
        for (std::size_t i = at; i < at + a.head_size; ++i) {
          dot += double{a.q.row(q)[i]} * double{a.k.row(k)[i]};
        }
        weights[k] = dot * a.scale;
      }
      const double highest = *std::max_element(weights.begin(), weights.end());
      double total = 0;
      for (double& w : weights) total += w = std::exp(w - highest);
      for (std::size_t i = at; i < at + a.head_size; ++i) {
        double sum = 0, sizes = 0;
        for (std::size_t k = 0; k < n; ++k) {
          const double term = weights[k] / total * AsValue(a.v.row(k)[i], a.products);
          sum += term;
          sizes += std::fabs(term);
        }
        ASSERT_NEAR(a.out.row(q)[i], sum, tolerance + rounding * sizes)
            << n << " tokens, head " << h << " of size " << a.head_size << ", query " << q;
      }
    }
  }
}

class AttentionKernel : public EveryKernelSet {};

TEST_P(AttentionKernel, MatchesANaiveOneOnOddSizes) {
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t tokens : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 70, 130}) {
      for (std::size_t size : {1, 7, 8, 10, 12, 16, 17, 31, 32, 33, 48, 64, 70}) {
        Case c(random_, tokens, 3, size, tokens % 4, 1.0f, products);
        Attend(kernels(), c.args(), 0, tokens);
        ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c.args(), products == DType::kBF16 ? 1e-5 : 3e-6));
        ASSERT_TRUE(c.out.GapsAreUntouched());
      }
    }
  }
}

// Scores of a hundred and more, whose best two may be near each other: rounded to bf16 they would
// be off by tenths, and so the weights.
TEST_P(AttentionKernel, ScoresAreFinerThanBf16) {
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t size : {12, 32, 64}) {
      Case c(random_, 70, 3, size, 0, 8.0f, products);
      Attend(kernels(), c.args(), 0, 70);
      ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c.args(), products == DType::kBF16 ? 4e-3 : 1e-3));
    }
  }
}

TEST_P(AttentionKernel, LargeScoresDoNotOverflow) {
  for (const DType products : ProductsOf(kernels())) {
    Case c(random_, 40, 2, 16, 0, 30.0f, products);  // scores of some thousands
    Attend(kernels(), c.args(), 0, 40);
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c.args(), 0.1));
  }
}

TEST_P(AttentionKernel, PositionInMemoryAndOtherHeadsDoNotChangeBits) {
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t tokens : {1, 5, 20, 75}) {
      for (std::size_t size : {1, 3, 10, 64}) {
        Case c(random_, tokens, 2, size, 0, 1.0f, products);
        Attend(kernels(), c.args(), 0, tokens);
        for (std::size_t shift = 1; shift < 6; ++shift) {
          Case moved(random_, tokens, 2, size, shift, 1.0f, products);
          moved.qkv.CopyFrom(c.qkv.view());
          for (std::size_t head = 0; head < 2; ++head) {  // one head a call
            AttentionArgs args = moved.args();
            const std::size_t begin = head * size, end = begin + size;
            args.q = args.q.Cols(begin, end);
            args.k = args.k.Cols(begin, end);
            args.v = args.v.Cols(begin, end);
            args.out = args.out.Cols(begin, end);
            args.heads = 1;
            Attend(kernels(), args, 0, tokens);
          }
          ASSERT_TRUE(SameBits(moved.out.view(), c.out.view()))
              << DTypeName(products) << ", " << tokens << " tokens, size " << size;
        }
      }
    }
  }
}

TEST_P(AttentionKernel, AnyQueryRangeGivesTheSameBitsWhereThatIsClaimed) {
  if (!kernels().rows_independent()) GTEST_SKIP() << "makes no such claim";
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t tokens : {9, 50, 131}) {
      Case whole(random_, tokens, 2, 12, 0, 1.0f, products);
      Attend(kernels(), whole.args(), 0, tokens);
      for (std::size_t step : {1, 5, 7, 17, 48, 49}) {
        Case parts(random_, tokens, 2, 12, 0, 1.0f, products);
        parts.qkv.CopyFrom(whole.qkv.view());
        for (std::size_t q = 0; q < tokens; q += step) {
          Attend(kernels(), parts.args(), q, std::min(q + step, tokens));
        }
        ASSERT_TRUE(SameBits(parts.out.view(), whole.out.view()))
            << DTypeName(products) << ", " << tokens << " by " << step;
      }
    }
  }
}

// A query that is not finite spoils its own row, a key or a value that is not finite all of its
// head: neither is hidden, nor reaches further.
TEST_P(AttentionKernel, WhatIsNotFiniteIsSeen) {
  const auto finite = [](const float* row, std::size_t begin, std::size_t end) {
    return std::all_of(row + begin, row + end, [](float x) { return std::isfinite(x); });
  };
  constexpr std::size_t kTokens = 37, kSize = 20, kWidth = 2 * kSize, kRow = 18;
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t which : {0, 1, 2}) {  // query, key, value, each of head 0
      Case c(random_, kTokens, 2, kSize, 0, 1.0f, products);
      float* row = c.qkv.view().row(kRow) + which * kWidth;
      std::fill(row, row + kSize, std::nanf(""));
      Attend(kernels(), c.args(), 0, kTokens);
      for (std::size_t r = 0; r < kTokens; ++r) {
        const float* out = c.args().out.row(r);
        EXPECT_EQ(finite(out, 0, kSize), which == 0 && r != kRow)
            << DTypeName(products) << ", " << which << ", row " << r;
        EXPECT_TRUE(finite(out, kSize, kWidth));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttentionKernel, testing::ValuesIn(AvailableKernelSets()),
                         KernelSetName);

}  // namespace
}  // namespace radie::kernels
