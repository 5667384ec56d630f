#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libradie/base/half.h"
#include "libradie/base/thread_pool.h"
#include "libradie/base/weight_memory.h"
#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

double Activated(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGeluErf:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kGeluTanh:
      return 0.5 * x *
             (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kTanh:
      return std::tanh(x);
  }
  return x;
}

// Weights as a model file holds them: fp32 or fp16, at an odd address.
struct Weights {
  Weights(std::mt19937& random, std::size_t outputs, std::size_t inputs, bool half)
      : values(outputs * inputs), bytes(values.size() * 4 + 1), bias(outputs) {
    std::normal_distribution<float> draw(0.0f, 1.0f / std::sqrt(static_cast<float>(inputs)));
    for (float& b : bias) b = draw(random);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (half) {
        const auto bits = static_cast<std::uint16_t>((random() & 0x83FF) | (random() % 15) << 10);
        values[i] = WidenHalf(bits);
        std::memcpy(bytes.data() + 1 + i * 2, &bits, 2);
      } else {
        values[i] = draw(random);
        std::memcpy(bytes.data() + 1 + i * 4, &values[i], 4);
      }
    }
    view = {bytes.data() + 1, outputs, inputs, half ? DType::kF16 : DType::kF32, nullptr};
  }

  std::vector<float> values;
  std::vector<std::byte> bytes;
  std::vector<float> bias;
  WeightView view;
};

std::unique_ptr<const PackedLinear> PackOne(const KernelSet& kernels, const Weights& w) {
  return kernels.Pack(w.view, w.bias, w.view.dtype);
}

void ExpectNearNaive(const Weights& w, ConstMatrixView x, Activation activation,
                     ConstMatrixView y) {
  const std::size_t inputs = x.cols;
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t o = 0; o < y.cols; ++o) {
      double sum = w.bias[o], size = std::fabs(w.bias[o]);
      for (std::size_t i = 0; i < inputs; ++i) {
        const double term = double{x.row(r)[i]} * w.values[o * inputs + i];
        sum += term;
        size += std::fabs(term);
      }
      ASSERT_NEAR(y.row(r)[o], Activated(sum, activation), 1e-6 * size + 1e-6)
          << "row " << r << ", output " << o << " of " << x.rows << " × " << inputs << " → "
          << y.cols;
    }
  }
}

// A kernel set, and whether it reads rows as they are or prepared.
struct LinearCase {
  const KernelSet* kernels;
  bool prepared;
};

std::vector<LinearCase> LinearCases() {
  std::vector<LinearCase> cases;
  for (const KernelSet* kernels : AvailableKernelSets()) {
    cases.push_back({kernels, false});
    if (kernels->PreparedBytes(DType::kF32, 1) != 0) cases.push_back({kernels, true});
  }
  return cases;
}

class LinearKernel : public testing::TestWithParam<LinearCase> {
 protected:
  const KernelSet& kernels() const { return *GetParam().kernels; }

  void Multiply(const PackedLinear& weights, ConstMatrixView x, Activation activation, MatrixView y,
                ColumnRange columns) const {
    if (GetParam().prepared) {
      const Prepared rows(kernels(), weights.dtype(), x);
      kernels().LinearColumns(weights, rows.operand, activation, y, columns);
    } else {
      kernels().LinearColumns(weights, x, activation, y, columns);
    }
  }
  void Multiply(const PackedLinear& weights, ConstMatrixView x, Activation activation,
                MatrixView y) const {
    Multiply(weights, x, activation, y, {0, weights.outputs()});
  }

  std::mt19937 random_{20240501};
};

TEST_P(LinearKernel, MatchesANaiveProductOnOddSizes) {
  for (std::size_t rows : {1, 2, 5, 6, 7, 11, 12, 13, 14, 19, 37, 70}) {
    for (std::size_t inputs : {1, 2, 7, 16, 33, 70}) {
      for (std::size_t outputs : {1, 3, 8, 9, 15, 16, 17, 31, 67}) {
        const bool half = (rows + inputs + outputs) % 2 != 0;
        const Weights w(random_, outputs, inputs, half);
        TestMatrix x(rows, inputs, 3, rows % 3), y(rows, outputs, 1, outputs % 4);
        x.Fill(random_);
        Multiply(*PackOne(kernels(), w), x.view(), Activation::kNone, y.view());
        ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, x.view(), Activation::kNone, y.view()));
        ASSERT_TRUE(y.GapsAreUntouched());
      }
    }
  }
}

TEST_P(LinearKernel, DeepProductsThatAreBlocked) {
  for (std::size_t inputs : {383, 384, 385, 1000}) {
    for (bool half : {false, true}) {
      for (std::size_t rows : {3, 13, 200}) {
        const Weights w(random_, 50, inputs, half);
        TestMatrix x(rows, inputs), y(rows, 50);
        x.Fill(random_);
        Multiply(*PackOne(kernels(), w), x.view(), Activation::kNone, y.view());
        ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, x.view(), Activation::kNone, y.view()));
      }
    }
  }
}

// However rows are read, an error of fp32's roundings is all that a product may have; of prepared
// rows, half of that.
TEST_P(LinearKernel, RoundsNoMoreThanAChainOfFloats) {
  for (bool half : {false, true}) {
    const std::size_t rows = 20, inputs = 768, outputs = 64;
    const Weights w(random_, outputs, inputs, half);
    TestMatrix x(rows, inputs), y(rows, outputs);
    x.Fill(random_);
    Multiply(*PackOne(kernels(), w), x.view(), Activation::kNone, y.view());
    double errors = 0, chain_errors = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t o = 0; o < outputs; ++o) {
        double exact = w.bias[o];
        float chain = w.bias[o];
        for (std::size_t i = 0; i < inputs; ++i) {
          const float a = x.view().row(r)[i], b = w.values[o * inputs + i];
          exact += double{a} * b;
          chain = std::fma(a, b, chain);
        }
        errors += std::pow(y.view().row(r)[o] - exact, 2);
        chain_errors += std::pow(chain - exact, 2);
      }
    }
    RecordProperty(half ? "fp16" : "fp32", std::to_string(std::sqrt(errors / chain_errors)));
    EXPECT_LT(errors, (GetParam().prepared ? 0.25 : 1.2) * chain_errors);
  }
}

TEST_P(LinearKernel, Activations) {
  const Weights w(random_, 37, 20, false);
  for (Activation activation : {Activation::kNone, Activation::kGeluErf, Activation::kGeluTanh,
                                Activation::kRelu, Activation::kTanh}) {
    TestMatrix x(9, 20), y(9, 37, 2, 5);
    x.Fill(random_, 4.0f);
    Multiply(*PackOne(kernels(), w), x.view(), activation, y.view());
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, x.view(), activation, y.view()));
    ASSERT_TRUE(y.GapsAreUntouched());
  }
}

TEST_P(LinearKernel, StackedWeightsAreOneProduct) {
  ThreadPool pool(2);
  WeightMemory memory;
  for (bool mixed : {false, true}) {
    const Weights a(random_, 10, 21, true), b(random_, 10, 21, !mixed), c(random_, 10, 21, true);
    const std::vector<WeightView> views = {a.view, b.view, c.view};
    const std::vector<std::vector<float>> biases = {a.bias, b.bias, c.bias};
    auto packed = kernels().Pack(views, biases, mixed ? DType::kF32 : DType::kF16, pool, memory);
    ASSERT_EQ(packed->inputs(), 21u);
    ASSERT_EQ(packed->outputs(), 30u);
    TestMatrix x(14, 21), y(14, 30);
    x.Fill(random_);
    Multiply(*packed, x.view(), Activation::kNone, y.view());
    const ConstMatrixView all = y.view();
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(a, x.view(), Activation::kNone, all.Cols(0, 10)));
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(b, x.view(), Activation::kNone, all.Cols(10, 20)));
    ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(c, x.view(), Activation::kNone, all.Cols(20, 30)));
  }
}

TEST_P(LinearKernel, PositionInMemoryDoesNotChangeBits) {
  for (std::size_t rows : {1, 2, 17}) {
    for (std::size_t size : {1, 3, 7, 45}) {
      const Weights w(random_, size, size, false);
      const auto packed = PackOne(kernels(), w);
      TestMatrix x(rows, size), y(rows, size);
      x.Fill(random_);
      Multiply(*packed, x.view(), Activation::kGeluErf, y.view());
      for (std::size_t shift = 1; shift < 9; ++shift) {
        TestMatrix moved_x(rows, size, shift, shift % 3), moved_y(rows, size, 2 * shift, shift);
        moved_x.CopyFrom(x.view());
        Multiply(*packed, moved_x.view(), Activation::kGeluErf, moved_y.view());
        ASSERT_TRUE(SameBits(moved_y.view(), y.view())) << rows << " rows, size " << size;
      }
    }
  }
}

TEST_P(LinearKernel, TheSameCutGivesTheSameBitsAndEveryColumn) {
  const Weights w(random_, 150, 40, true);
  const auto packed = PackOne(kernels(), w);
  TestMatrix x(21, 40), first(21, 150, 0, 3), second(21, 150, 5, 1);
  x.Fill(random_);
  for (TestMatrix* y : {&first, &second}) {
    Multiply(*packed, x.view(), Activation::kRelu, y->view(), {64, 128});
    Multiply(*packed, x.view(), Activation::kRelu, y->view(), {128, 150});
    Multiply(*packed, x.view(), Activation::kRelu, y->view(), {0, 64});
  }
  ASSERT_NO_FATAL_FAILURE(ExpectNearNaive(w, x.view(), Activation::kRelu, first.view()));
  EXPECT_TRUE(SameBits(first.view(), second.view()));
}

TEST_P(LinearKernel, RowsAndColumnsAreIndependentWhereThatIsClaimed) {
  if (!kernels().rows_independent()) GTEST_SKIP() << "makes no such claim";
  for (bool half : {false, true}) {
    for (std::size_t inputs : {5, 400, 900}) {
      const Weights w(random_, 130, inputs, half);
      const auto packed = PackOne(kernels(), w);
      TestMatrix x(230, inputs), y(230, 130);
      x.Fill(random_);
      Multiply(*packed, x.view(), Activation::kGeluErf, y.view());
      for (std::size_t rows : {1, 2, 6, 7, 13, 100}) {
        for (std::size_t row = 0; row + rows <= 230; row += 43) {
          TestMatrix part(rows, 130, 3, 1);
          const ConstMatrixView in = ConstMatrixView(x.view()).Rows(row, row + rows);
          Multiply(*packed, in, Activation::kGeluErf, part.view(), {64, 130});
          Multiply(*packed, in, Activation::kGeluErf, part.view(), {0, 64});
          ASSERT_TRUE(SameBits(part.view(), y.view().Rows(row, row + rows)))
              << rows << " rows from " << row << ", " << inputs << " inputs";
        }
      }
    }
  }
}

TEST_P(LinearKernel, ManyThreadsAtOnce) {
  const Weights w(random_, 33, 29, false);
  const auto packed = PackOne(kernels(), w);
  TestMatrix x(21, 29), expected(21, 33);
  x.Fill(random_);
  Multiply(*packed, x.view(), Activation::kNone, expected.view());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        TestMatrix y(21, 33);
        Multiply(*packed, std::as_const(x).view(), Activation::kNone, y.view());
        if (!SameBits(y.view(), std::as_const(expected).view())) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(Kernels, LinearKernel, testing::ValuesIn(LinearCases()),
                         [](const auto& info) {
                           return std::string(info.param.kernels->name()) +
                                  (info.param.prepared ? "_prepared" : "");
                         });

}  // namespace
}  // namespace radie::kernels
