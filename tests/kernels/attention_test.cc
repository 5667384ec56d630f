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
       std::size_t shift = 0, float spread = 1.0f)
      : heads(heads_),
        size(size_),
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
            1.0f / std::sqrt(static_cast<float>(size))};
  }

  std::size_t heads, size;
  TestMatrix qkv, out;
};

void ExpectNearNaive(const AttentionArgs& a, double tolerance) {
  const std::size_t n = a.k.rows;
  std::vector<double> weights(n);
  for (std::size_t h = 0; h < a.heads; ++h) {
    const std::size_t at = h * a.head_size;
    for (std::size_t q = 0; q < n; ++q) {
      for (std::size_t k = 0; k < n; ++k) {
        double dot = 0;
        for (std::size_t i = at; i < at + a.head_size; ++i) {
          dot += double{a.q.row(q)[i]} * a.k.row(k)[i];
        }
        weights[k] = dot * a.scale;
      }
      const double highest = *std::max_element(weights.begin(), weights.end());
      double total = 0;
      for (double& w : weights) total += w = std::exp(w - highest);
      for (std::size_t i = at; i < at + a.head_size; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += weights[k] / total * a.v.row(k)[i];
        ASSERT_NEAR(a.out.row(q)[i], sum, tolerance)
            << n << " tokens, head " << h << " of size " << a.head_size << ", query " << q;
      }
    }
  }
}

class AttentionKernel : public EveryKernelSet {};

TEST_P(AttentionKernel, MatchesANaiveOneOnOddSizes) {
  for (std::size_t tokens : {1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 47, 48, 49, 70, 130}) {
    for (std::size_t size : {1, 7, 8, 10, 12, 16, 17, 48, 64, 70}) {
      Case c(random_, tokens, 3, size, tokens % 4);
      kernels().Attention(c.args(), 0, tokens);
      ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c.args(), 3e-6));
      ASSERT_TRUE(c.out.GapsAreUntouched());
    }
  }
}

TEST_P(AttentionKernel, LargeScoresDoNotOverflow) {
  Case c(random_, 40, 2, 16, 0, 30.0f);  // scores of some thousands
  kernels().Attention(c.args(), 0, 40);
  ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c.args(), 0.1));
}

TEST_P(AttentionKernel, PositionInMemoryAndOtherHeadsDoNotChangeBits) {
  for (std::size_t tokens : {1, 5, 20, 75}) {
    for (std::size_t size : {1, 3, 10, 64}) {
      Case c(random_, tokens, 2, size);
      kernels().Attention(c.args(), 0, tokens);
      for (std::size_t shift = 1; shift < 6; ++shift) {
        Case moved(random_, tokens, 2, size, shift);
        moved.qkv.CopyFrom(c.qkv.view());
        for (std::size_t head = 0; head < 2; ++head) {  // one head a call
          AttentionArgs args = moved.args();
          const std::size_t begin = head * size, end = begin + size;
          args = {args.q.Cols(begin, end),
                  args.k.Cols(begin, end),
                  args.v.Cols(begin, end),
                  args.out.Cols(begin, end),
                  1,
                  size,
                  args.scale};
          kernels().Attention(args, 0, tokens);
        }
        ASSERT_TRUE(SameBits(moved.out.view(), c.out.view())) << tokens << " tokens, size " << size;
      }
    }
  }
}

TEST_P(AttentionKernel, AnyQueryRangeGivesTheSameBitsWhereThatIsClaimed) {
  if (!kernels().rows_independent()) GTEST_SKIP() << "makes no such claim";
  for (std::size_t tokens : {9, 50, 131}) {
    Case whole(random_, tokens, 2, 12);
    kernels().Attention(whole.args(), 0, tokens);
    for (std::size_t step : {1, 5, 7, 48, 49}) {
      Case parts(random_, tokens, 2, 12);
      parts.qkv.CopyFrom(whole.qkv.view());
      for (std::size_t q = 0; q < tokens; q += step) {
        kernels().Attention(parts.args(), q, std::min(q + step, tokens));
      }
      ASSERT_TRUE(SameBits(parts.out.view(), whole.out.view())) << tokens << " by " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttentionKernel, testing::ValuesIn(AvailableKernelSets()),
                         KernelSetName);

}  // namespace
}  // namespace radie::kernels
