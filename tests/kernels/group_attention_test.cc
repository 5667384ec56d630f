// Attention of groups of rows beside a text.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

// Keys and values side by side: the text's rows, then each group's. Queries by themselves, as many
// of each group as `asked` says.
struct GroupCase {
  GroupCase(std::mt19937& random, std::size_t text_, std::size_t own_,
            std::vector<std::size_t> asked, std::size_t size_, std::size_t shift = 0,
            DType products_ = DType::kF32, float spread = 1.0f)
      : text(text_),
        own(own_),
        size(size_),
        products(products_),
        kv(text_ + own_ * asked.size(), 2 * kHeads * size_, shift, shift) {
    for (const std::size_t count : asked) queries.push_back(queries.back() + count);
    q = TestMatrix(queries.back(), kHeads * size, shift, shift + 1).Fill(random, spread);
    out = TestMatrix(queries.back(), kHeads * size, 2 * shift, shift);
    kv.Fill(random, spread);
  }

  std::size_t groups() const { return queries.size() - 1; }

  GroupAttentionArgs args() {
    const std::size_t width = kHeads * size;
    const ConstMatrixView all = kv.view();
    return {{q.view(), all.Cols(0, width), all.Cols(width, 2 * width), out.view(), kHeads, size,
             1.0f / std::sqrt(static_cast<float>(size)), products},
            text,
            own,
            queries.data()};
  }

  static constexpr std::size_t kHeads = 3;
  std::size_t text, own, size;
  DType products;
  TestMatrix kv, q{0, 0}, out{0, 0};
  std::vector<std::size_t> queries = {0};
};

// Every number of queries from 0 to `own` in turn.
std::vector<std::size_t> Asked(std::size_t groups, std::size_t own) {
  std::vector<std::size_t> asked(groups);
  for (std::size_t g = 0; g < groups; ++g) asked[g] = (g + own) % (own + 1);
  return asked;
}

// Each group by itself: its keys are the text's rows and its own.
void ExpectNearNaive(GroupCase& c, double tolerance) {
  const GroupAttentionArgs args = c.args();
  const AttentionArgs& a = args.all;
  const double rounding = a.products == DType::kBF16 ? 1.0 / 256 : 0.0;
  for (std::size_t g = 0; g < c.groups(); ++g) {
    std::vector<std::size_t> keys(c.text + c.own);
    std::iota(keys.begin(), keys.end(), std::size_t{0});
    for (std::size_t k = c.text; k < keys.size(); ++k) keys[k] += g * c.own;
    for (std::size_t q = c.queries[g]; q < c.queries[g + 1]; ++q) {
      for (std::size_t at = 0; at < a.heads * a.head_size; at += a.head_size) {
        std::vector<double> weights;
        for (const std::size_t k : keys) {
          double dot = 0;
          for (std::size_t i = at; i < at + a.head_size; ++i) {
            dot += double{a.q.row(q)[i]} * double{a.k.row(k)[i]};
          }
          weights.push_back(std::exp(dot * a.scale));
        }
        const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (std::size_t i = at; i < at + a.head_size; ++i) {
          double sum = 0, sizes = 0;
          for (std::size_t k = 0; k < keys.size(); ++k) {
            const double term = weights[k] / total * AsValue(a.v.row(keys[k])[i], a.products);
            sum += term;
            sizes += std::fabs(term);
          }
          ASSERT_NEAR(a.out.row(q)[i], sum, tolerance + rounding * sizes)
              << c.text << " rows of text, group " << g << " of " << c.own << ", query " << q
              << ", head of " << a.head_size << " at " << at;
        }
      }
    }
  }
}

class GroupAttention : public EveryKernelSet {};

TEST_P(GroupAttention, MatchesANaiveOneOnOddSizes) {
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t text : {1, 7, 15, 16, 17, 31, 33, 61, 64, 130}) {
      for (std::size_t size : {1, 7, 16, 17, 33, 64, 70}) {
        for (std::size_t own : {1, 3, 4, 16}) {
          const std::size_t groups = 1 + (text + size) % (own == 4 ? 23 : 5);
          GroupCase c(random_, text, own, Asked(groups, own), size, text % 4, products);
          AttendGroups(kernels(), c.args(), 0, groups);
          ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c, products == DType::kBF16 ? 2e-5 : 4e-6));
          ASSERT_TRUE(c.out.GapsAreUntouched());
        }
      }
    }
  }
}

// A group alone behind its text, on every set: what the promise "same report, same bits" needs.
TEST_P(GroupAttention, OtherGroupsAndCutsDoNotChangeBits) {
  for (const DType products : ProductsOf(kernels())) {
    for (std::size_t text : {1, 5, 40, 75}) {
      GroupCase whole(random_, text, 4, Asked(29, 4), 20, 0, products);
      AttendGroups(kernels(), whole.args(), 0, 29);
      for (std::size_t step : {1, 3, 10}) {
        GroupCase parts(random_, text, 4, Asked(29, 4), 20, step, products);
        parts.q.CopyFrom(whole.q.view());
        parts.kv.CopyFrom(whole.kv.view());
        for (std::size_t g = 0; g < 29; g += step) {
          AttendGroups(kernels(), parts.args(), g, std::min<std::size_t>(g + step, 29));
        }
        ASSERT_TRUE(SameBits(parts.out.view(), whole.out.view())) << text << " by " << step;
      }
      for (std::size_t g = 0; g < 29; ++g) {
        const std::size_t begin = whole.queries[g], end = whole.queries[g + 1];
        GroupCase alone(random_, text, 4, {end - begin}, 20, g % 5, products);
        alone.q.CopyFrom(whole.q.view().Rows(begin, end));
        const ConstMatrixView kv = whole.kv.view();
        for (std::size_t r = 0; r < text + 4; ++r) {
          std::copy_n(kv.row(r < text ? r : r + 4 * g), kv.cols, alone.kv.view().row(r));
        }
        AttendGroups(kernels(), alone.args(), 0, 1);
        ASSERT_TRUE(SameBits(alone.out.view(), whole.out.view().Rows(begin, end)))
            << DTypeName(products) << ", " << text << " rows of text, group " << g;
      }
    }
  }
}

TEST_P(GroupAttention, IsAttentionOverTheTextAndTheGroupsOwnRows) {
  if (!kernels().rows_independent()) GTEST_SKIP() << "its sums depend on the number of rows";
  for (std::size_t text : {1, 15, 32, 50, 131}) {
    for (std::size_t size : {3, 16, 64}) {
      GroupCase c(random_, text, 4, {4, 4, 4}, size);
      AttendGroups(kernels(), c.args(), 0, 3);
      for (std::size_t g = 0; g < 3; ++g) {
        const ConstMatrixView kv = c.kv.view();
        TestMatrix together(text + 4, kv.cols), out(4, c.args().all.out.cols);
        for (std::size_t r = 0; r < text + 4; ++r) {
          std::copy_n(kv.row(r < text ? r : r + 4 * g), kv.cols, together.view().row(r));
        }
        AttentionArgs args = c.args().all;
        args.q = args.q.Rows(4 * g, 4 * g + 4), args.out = out.view();
        args.k = together.view().Cols(0, kv.cols / 2);
        args.v = together.view().Cols(kv.cols / 2, kv.cols);
        Attend(kernels(), args, 0, 4);
        ASSERT_TRUE(SameBits(out.view(), c.out.view().Rows(4 * g, 4 * g + 4)))
            << text << ", size " << size << ", group " << g;
      }
    }
  }
}

TEST_P(GroupAttention, ScoresAreFinerThanBf16) {
  for (const DType products : ProductsOf(kernels())) {
    GroupCase c(random_, 40, 4, Asked(20, 4), 32, 0, products, 8.0f);
    AttendGroups(kernels(), c.args(), 0, 20);
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c, products == DType::kBF16 ? 4e-3 : 1e-3));
  }
}

TEST_P(GroupAttention, LargeScoresDoNotOverflow) {
  for (const DType products : ProductsOf(kernels())) {
    GroupCase c(random_, 40, 4, Asked(20, 4), 16, 0, products, 30.0f);  // scores of some thousands
    AttendGroups(kernels(), c.args(), 0, 20);
    const ConstMatrixView out = c.out.view();
    for (std::size_t r = 0; r < out.rows; ++r) {
      for (std::size_t i = 0; i < out.cols; ++i) {
        ASSERT_LT(std::fabs(out.row(r)[i]), 300.0f) << "a mean of values of that spread";
      }
    }
  }
}

// What is not finite in a group stays there; in the text it reaches every group.
TEST_P(GroupAttention, WhatIsNotFiniteIsSeenAndReachesNoOtherGroup) {
  constexpr std::size_t kText = 21, kGroups = 13, kGroup = 5, kSize = 20, kWidth = 3 * kSize;
  for (const DType products : ProductsOf(kernels())) {
    for (const bool value : {false, true}) {
      for (const bool in_text : {false, true}) {
        GroupCase c(random_, kText, 4, Asked(kGroups, 3), kSize, 0, products);
        const std::size_t row = in_text ? 3 : kText + 4 * kGroup + 1;
        float* bad = c.kv.view().row(row) + (value ? kWidth : 0);
        std::fill(bad, bad + kSize, std::nanf(""));  // of the first head
        AttendGroups(kernels(), c.args(), 0, kGroups);
        for (std::size_t g = 0; g < kGroups; ++g) {
          for (std::size_t q = c.queries[g]; q < c.queries[g + 1]; ++q) {
            const float* out = c.out.view().row(q);
            const auto finite = [](float x) { return std::isfinite(x); };
            EXPECT_EQ(std::all_of(out, out + kSize, finite), !in_text && g != kGroup) << g;
            EXPECT_TRUE(std::all_of(out + kSize, out + kWidth, finite));
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, GroupAttention, testing::ValuesIn(AvailableKernelSets()),
                         KernelSetName);

}  // namespace
}  // namespace radie::kernels
