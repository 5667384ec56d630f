// Products of int8 and bf16 against naive twins that take the same rounded inputs and weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "libradie/base/half.h"
#include "libradie/kernels/panels.h"
#include "libradie/kernels/weight_rows.h"
#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

// fp32 weights and their int8 twin for a kernel set.
struct ReducedWeights {
  ReducedWeights(std::mt19937& random, std::size_t outputs, std::size_t inputs,
                 const KernelSet& kernels)
      : quad_limit(kernels.LayoutOf(DType::kI8)->quad_limit),
        values(outputs * inputs),
        bias(outputs),
        bytes(outputs * inputs),
        scales(outputs) {
    std::normal_distribution<float> draw(0.0f, 1.0f / std::sqrt(static_cast<float>(inputs)));
    for (float& value : values) value = draw(random);
    for (float& value : bias) value = draw(random);
    view = {values.data(), outputs, inputs, DType::kF32, nullptr};
    RoundValues();
  }

  void RoundValues() {
    std::vector<float> scratch(view.cols);
    for (std::size_t row = 0; row < view.rows; ++row) {
      std::int8_t* to = bytes.data() + row * view.cols;
      scales[row] = ReadRowAsInt8(view, row, quad_limit, scratch, to);
    }
  }

  std::size_t quad_limit;
  std::vector<float> values, bias;
  std::vector<std::int8_t> bytes;
  std::vector<float> scales;
  WeightView view;
};

double ValueOf(const Prepared& rows, DType dtype, std::size_t r, std::size_t i) {
  if (dtype == DType::kI8) {
    const auto& header = *reinterpret_cast<const QuantizedRow*>(rows.row(r));
    const auto byte = std::to_integer<int>(rows.row(r)[kCacheLine + i]);
    return double{header.scale} * (byte - header.zero);
  }
  std::uint16_t bits;
  std::memcpy(&bits, rows.row(r) + 2 * i, 2);
  return WidenBfloat16(bits);
}

double WeightOf(const ReducedWeights& w, DType dtype, std::size_t output, std::size_t i) {
  const std::size_t at = output * w.view.cols + i;
  if (dtype == DType::kI8) return double{w.scales[output]} * w.bytes[at];
  return WidenBfloat16(NarrowBfloat16(w.values[at]));
}

void ExpectNearNaive(const ReducedWeights& w, DType dtype, const Prepared& rows,
                     ConstMatrixView y) {
  const std::size_t inputs = w.view.cols;
  for (std::size_t r = 0; r < y.rows; ++r) {
    for (std::size_t o = 0; o < y.cols; ++o) {
      double sum = w.bias[o], size = std::fabs(sum);
      for (std::size_t i = 0; i < inputs; ++i) {
        const double term = ValueOf(rows, dtype, r, i) * WeightOf(w, dtype, o, i);
        sum += term, size += std::fabs(term);
      }
      ASSERT_NEAR(y.row(r)[o], sum, 1e-6 * size + 1e-6)
          << "row " << r << ", output " << o << " of " << y.rows << " × " << inputs << " → "
          << y.cols;
    }
  }
}

struct ReducedCase {
  const KernelSet* kernels;
  DType dtype;
};

std::vector<ReducedCase> Cases() {
  std::vector<ReducedCase> cases;
  for (const KernelSet* kernels : AvailableKernelSets()) {
    for (DType dtype : {DType::kBF16, DType::kI8}) {
      if (kernels->Supports(dtype, 1)) cases.push_back({kernels, dtype});
    }
  }
  return cases;
}

class ReducedLinear : public testing::TestWithParam<ReducedCase> {
 protected:
  const KernelSet& kernels() const { return *GetParam().kernels; }
  DType dtype() const { return GetParam().dtype; }
  std::unique_ptr<const PackedLinear> Pack(const ReducedWeights& w) const {
    return kernels().Pack(w.view, w.bias, dtype());
  }
  std::mt19937 random_{20240502};
};

TEST_P(ReducedLinear, MatchesANaiveProductOnOddSizes) {
  for (std::size_t rows : {1, 2, 5, 6, 7, 12, 13, 15, 16, 17, 31, 32, 33, 49, 67}) {
    for (std::size_t inputs : {1, 2, 3, 4, 7, 31, 32, 33, 63, 64, 65, 67, 130}) {
      for (std::size_t outputs : {1, 8, 15, 16, 17, 31, 32, 33, 67}) {
        const ReducedWeights w(random_, outputs, inputs, kernels());
        TestMatrix x(rows, inputs, 3, rows % 3), y(rows, outputs, 1, outputs % 4);
        x.Fill(random_);
        const Prepared prepared(kernels(), dtype(), x.view());
        kernels().Linear(*Pack(w), prepared.operand, Activation::kNone, y.view());
        ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, dtype(), prepared, y.view()));
        ASSERT_TRUE(y.GapsAreUntouched());
      }
    }
  }
}

TEST_P(ReducedLinear, PreparedRowsAreCloseAndEachByItself) {
  for (std::size_t inputs : {1, 7, 16, 33, 64, 130}) {
    TestMatrix x(9, inputs, 1, 2);
    x.Fill(random_, 3.0f);
    const Prepared all(kernels(), dtype(), x.view());
    for (std::size_t r = 0; r < 9; ++r) {
      const Prepared one(kernels(), dtype(), ConstMatrixView(x.view()).Rows(r, r + 1));
      EXPECT_EQ(std::memcmp(all.row(r), one.row(0), kernels().PreparedBytes(dtype(), inputs)), 0);
      float low = 0, high = 0;
      for (std::size_t i = 0; i < inputs; ++i) {
        low = std::min(low, x.view().row(r)[i]), high = std::max(high, x.view().row(r)[i]);
      }
      for (std::size_t i = 0; i < inputs; ++i) {
        const double exact = x.view().row(r)[i];
        const double tolerance =
            dtype() == DType::kI8 ? (high - low) / 127 * 0.51 : std::fabs(exact) / 256;
        ASSERT_NEAR(ValueOf(all, dtype(), r, i), exact, tolerance + 1e-12);
      }
    }
  }
}

TEST_P(ReducedLinear, AwkwardRows) {
  constexpr float kTiny = 1e-40f, kInfinity = std::numeric_limits<float>::infinity();
  const ReducedWeights w(random_, 20, 40, kernels());
  const auto packed = Pack(w);
  struct Row {
    float fill, first;
    bool finite;
  };
  for (const Row& row : {Row{0, 0, true}, Row{kTiny, -kTiny, true}, Row{5, 5, true},
                         Row{-3, -3, true}, Row{1e30f, 1, true}, Row{1, kInfinity, false},
                         Row{1, std::nanf(""), false}, Row{1, -kInfinity, false}}) {
    TestMatrix x(1, 40), y(1, 20);
    for (std::size_t i = 0; i < 40; ++i) x.view().row(0)[i] = row.fill;
    x.view().row(0)[17] = row.first;
    const Prepared prepared(kernels(), dtype(), x.view());
    kernels().Linear(*packed, prepared.operand, Activation::kNone, y.view());
    for (std::size_t o = 0; o < 20; ++o) {
      ASSERT_EQ(std::isfinite(y.view().row(0)[o]), row.finite) << row.fill << ", " << row.first;
    }
    if (row.finite) {
      ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, dtype(), prepared, y.view()));
    }
  }
}

TEST_P(ReducedLinear, RowsAndColumnsAreIndependent) {
  for (std::size_t inputs : {5, 64, 400, 900}) {
    const ReducedWeights w(random_, 130, inputs, kernels());
    const auto packed = Pack(w);
    TestMatrix x(230, inputs), y(230, 130);
    x.Fill(random_);
    const Prepared prepared(kernels(), dtype(), x.view());
    kernels().Linear(*packed, prepared.operand, Activation::kGeluErf, y.view());
    for (std::size_t rows : {1, 2, 7, 13, 33, 100}) {
      for (std::size_t row = 0; row + rows <= 230; row += 43) {
        TestMatrix part(rows, 130, 3, 1);
        const Operand in = prepared.operand.Rows(row, row + rows);
        kernels().LinearColumns(*packed, in, Activation::kGeluErf, part.view(), {64, 130});
        kernels().LinearColumns(*packed, in, Activation::kGeluErf, part.view(), {0, 64});
        ASSERT_TRUE(SameBits(part.view(), y.view().Rows(row, row + rows)))
            << rows << " rows from " << row << ", " << inputs << " inputs";
      }
    }
  }
}

TEST_P(ReducedLinear, StoredInt8IsTakenAsItIs) {
  if (dtype() != DType::kI8) GTEST_SKIP() << "of int8 only";
  const ReducedWeights w(random_, 37, 50, kernels());
  const WeightView stored{w.bytes.data(), 37, 50, DType::kI8, w.scales.data()};
  const auto from_floats = Pack(w);
  const auto from_bytes = kernels().Pack(stored, w.bias, dtype());
  TestMatrix x(11, 50), a(11, 37), b(11, 37);
  x.Fill(random_);
  const Prepared prepared(kernels(), dtype(), x.view());
  kernels().Linear(*from_floats, prepared.operand, Activation::kNone, a.view());
  kernels().Linear(*from_bytes, prepared.operand, Activation::kNone, b.view());
  EXPECT_TRUE(SameBits(a.view(), b.view()));
}

// Extreme weights and activations, whose pairs would saturate 16 bits if activations had 8 there.
TEST_P(ReducedLinear, NothingSaturates) {
  constexpr std::size_t kInputs = 1024;
  ReducedWeights w(random_, 16, kInputs, kernels());
  for (std::size_t i = 0; i < w.values.size(); ++i) w.values[i] = (i / 64) % 2 == 0 ? 1.0f : -1.0f;
  w.RoundValues();
  TestMatrix x(3, kInputs), y(3, 16);
  for (std::size_t i = 0; i < kInputs; ++i) {
    x.view().row(0)[i] = 1, x.view().row(1)[i] = (i / 64) % 2 == 0 ? 1.0f : 0.0f;
    x.view().row(2)[i] = (i / 64) % 2 == 0 ? 0.0f : 1.0f;
  }
  const Prepared prepared(kernels(), dtype(), x.view());
  kernels().Linear(*Pack(w), prepared.operand, Activation::kNone, y.view());
  ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, dtype(), prepared, y.view()));
}

// Four products that sum to as much as the limit allows, in both directions.
TEST_P(ReducedLinear, QuadsAtTheLimitAreExact) {
  if (dtype() != DType::kI8) GTEST_SKIP() << "of int8 only";
  constexpr std::size_t kInputs = 64;
  ReducedWeights w(random_, 32, kInputs, kernels());
  const int limit = w.quad_limit == 0 ? 4 * 127 : static_cast<int>(w.quad_limit);
  for (std::size_t o = 0; o < 32; ++o) {
    int left = limit;
    for (const std::size_t i : {0, 5, 1, 4}) {
      const int weight = std::min(left, 127);
      w.values[o * kInputs + i + 8 * (o % 8)] = static_cast<float>(o < 16 ? weight : -weight);
      left -= weight;
    }
    for (std::size_t i = 0; i < kInputs; ++i) {
      if (i / 8 != o % 8 || i % 4 > 1) w.values[o * kInputs + i] = 0;
    }
  }
  w.RoundValues();
  EXPECT_EQ(*std::max_element(w.bytes.begin(), w.bytes.end()), 127);
  EXPECT_EQ(*std::max_element(w.scales.begin(), w.scales.end()), 1.0f);
  TestMatrix x(2, kInputs), y(2, 32);
  for (std::size_t i = 0; i < kInputs; ++i) {
    x.view().row(0)[i] = 1, x.view().row(1)[i] = i % 4 < 2 ? 1.0f : 0.0f;
  }
  const Prepared prepared(kernels(), dtype(), x.view());
  kernels().Linear(*Pack(w), prepared.operand, Activation::kNone, y.view());
  ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, dtype(), prepared, y.view()));
}

INSTANTIATE_TEST_SUITE_P(Kernels, ReducedLinear, testing::ValuesIn(Cases()), [](const auto& info) {
  return std::string(info.param.kernels->name()) + "_" + std::string(DTypeName(info.param.dtype));
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReducedLinear);  // machines without such kernels

}  // namespace
}  // namespace radie::kernels
