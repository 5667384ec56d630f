// Every kernel set of the machine beside its portable twin, over any small sizes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <tuple>
#include <vector>

#include "fuzz.h"
#include "libradie/base/aligned_buffer.h"
#include "libradie/kernels/kernels.h"
#include "tests/kernels/kernel_cases.h"

namespace radie::fuzz {
namespace {

using kernels::KernelSet;
using kernels::Operand;
using kernels::TestMatrix;
using kernels::WeightView;

struct Sizes {
  std::size_t rows, inputs, outputs, shift, gap;
  float spread;
  bool flat;  // every row one value, and 0 for every third
};

Sizes SizesOf(Input* input) {
  Sizes sizes{};
  sizes.rows = 1 + input->UpTo(20);
  sizes.inputs = 1 + input->UpTo(80);
  sizes.outputs = 1 + input->UpTo(80);
  sizes.shift = input->UpTo(8), sizes.gap = input->UpTo(4);
  sizes.spread = std::ldexp(1.0f, static_cast<int>(input->UpTo(24)) - 12);
  sizes.flat = input->UpTo(7) == 0;
  return sizes;
}

TestMatrix MatrixOf(const Sizes& sizes, std::size_t rows, std::size_t cols, std::mt19937& random) {
  TestMatrix matrix(rows, cols, sizes.shift, sizes.gap);
  matrix.Fill(random, sizes.spread);
  if (!sizes.flat) return matrix;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = matrix.view().row(r);
    std::fill(row, row + cols, r % 3 == 0 ? 0.0f : row[0]);
  }
  return matrix;
}

float Largest(const float* values, std::size_t count) {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(values[i]));
  return largest;
}

// How far a product of this type may be from one in fp32.
double Tolerance(DType dtype, const float* x, const float* w, std::size_t inputs) {
  double size = 0, x_sum = 0, w_sum = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    size += std::fabs(double{x[i]} * w[i]);
    x_sum += std::fabs(x[i]), w_sum += std::fabs(w[i]);
  }
  if (dtype == DType::kF32) return 2e-6 * size + 1e-30;
  if (dtype == DType::kBF16) return 0.01 * size + 1e-30;
  // A step of the weights, and of activations in seven bits.
  const double w_step = Largest(w, inputs) / 127.0, x_step = 2.0 * Largest(x, inputs) / 127.0;
  return w_step * x_sum + x_step * w_sum + double(inputs) * w_step * x_step + 1e-5 * size + 1e-30;
}

void CheckLinear(const KernelSet& set, DType dtype, const Sizes& sizes, std::mt19937& random) {
  if (!set.Supports(dtype, sizes.inputs)) return;
  const auto [rows, inputs, outputs] = std::tuple(sizes.rows, sizes.inputs, sizes.outputs);
  const TestMatrix x = MatrixOf(sizes, rows, inputs, random);
  std::vector<float> weights(outputs * inputs);
  std::normal_distribution<float> draw(0, sizes.spread);
  for (float& weight : weights) weight = draw(random);
  const WeightView view{weights.data(), outputs, inputs, DType::kF32, nullptr};
  const std::vector<float> bias(outputs, 0.0f);

  const auto packed = set.Pack(view, bias, dtype);
  const std::size_t prepared_bytes = set.PreparedBytes(dtype, inputs);
  AlignedBuffer prepared(std::max<std::size_t>(prepared_bytes * rows, 1));
  Operand operand(x.view());
  if (prepared_bytes > 0) {
    set.Prepare(dtype, x.view(), prepared.data());
    operand = Operand(prepared.data(), rows, inputs, prepared_bytes);
  }
  TestMatrix y(rows, outputs, sizes.gap, sizes.shift), expected(rows, outputs);
  set.Linear(*packed, operand, Activation::kNone, y.view());
  ASSERT_TRUE(y.GapsAreUntouched());

  const KernelSet& portable = *kernels::FindKernelSet("portable");
  const auto twin = portable.Pack(view, bias, DType::kF32);
  portable.Linear(*twin, x.view(), Activation::kNone, expected.view());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < outputs; ++o) {
      const float* w = weights.data() + o * inputs;
      ASSERT_NEAR(y.view().row(r)[o], expected.view().row(r)[o],
                  Tolerance(dtype, x.view().row(r), w, inputs))
          << set.name() << " " << DTypeName(dtype) << " row " << r << " output " << o;
    }
  }
}

// Scores of a size at which their own roundings do not decide the softmax.
Sizes ForScores(const Sizes& sizes) {
  Sizes small = sizes;
  small.spread = std::min(small.spread, 2.0f);
  return small;
}

// Rows of attention are means of rows of v: errors are relative to the largest of v.
void ExpectNearTwin(const KernelSet& set, DType products, ConstMatrixView y, ConstMatrixView twin,
                    ConstMatrixView v) {
  float largest = 0;
  for (std::size_t r = 0; r < v.rows; ++r) largest = std::max(largest, Largest(v.row(r), v.cols));
  const double tolerance = (products == DType::kBF16 ? 0.02 : 1e-3) * largest + 1e-30;
  for (std::size_t r = 0; r < y.rows; ++r) {
    for (std::size_t i = 0; i < y.cols; ++i) {
      ASSERT_NEAR(y.row(r)[i], twin.row(r)[i], tolerance) << set.name() << " row " << r;
    }
  }
}

void CheckAttention(const KernelSet& set, DType products, const Sizes& sizes, Input* input,
                    std::mt19937& random) {
  if (products == DType::kBF16 && !set.SupportsBf16Attention()) return;
  const std::size_t heads = 1 + input->UpTo(3), head_size = 1 + sizes.inputs % 40;
  const std::size_t n = sizes.rows, size = heads * head_size;
  const Sizes small = ForScores(sizes);
  const TestMatrix q = MatrixOf(small, n, size, random), k = MatrixOf(small, n, size, random);
  const TestMatrix v = MatrixOf(sizes, n, size, random);
  TestMatrix y(n, size, sizes.shift, sizes.gap), expected(n, size);
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_size));
  kernels::AttentionArgs args{q.view(), k.view(),  v.view(), y.view(),
                              heads,    head_size, scale,    products};
  const std::size_t cut = input->UpTo(n);
  if (set.rows_independent()) {
    Attend(set, args, 0, cut);
    Attend(set, args, cut, n);
  } else {
    Attend(set, args, 0, n);
  }
  ASSERT_TRUE(y.GapsAreUntouched());
  args.out = expected.view(), args.products = DType::kF32;
  Attend(*kernels::FindKernelSet("portable"), args, 0, n);
  ExpectNearTwin(set, products, y.view(), expected.view(), v.view());
}

// Groups of `own` rows behind a text, each with some queries or none.
void CheckGroups(const KernelSet& set, DType products, const Sizes& sizes, Input* input,
                 std::mt19937& random) {
  if (products == DType::kBF16 && !set.SupportsBf16Attention()) return;
  const std::size_t heads = 1 + input->UpTo(3), head_size = 1 + sizes.inputs % 40;
  const std::size_t text = sizes.rows, size = heads * head_size, groups = 1 + input->UpTo(9);
  const std::size_t own = 1 + input->UpTo(kernels::GroupAttentionArgs::kMaxRows - 1);
  std::vector<std::size_t> queries = {0};
  for (std::size_t g = 0; g < groups; ++g) queries.push_back(queries.back() + input->UpTo(own));
  const std::size_t asked = queries.back(), keys = text + groups * own;
  const Sizes small = ForScores(sizes);
  const TestMatrix q = MatrixOf(small, asked, size, random),
                   k = MatrixOf(small, keys, size, random);
  const TestMatrix v = MatrixOf(sizes, keys, size, random);
  TestMatrix y(asked, size, sizes.shift, sizes.gap), expected(asked, size);
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_size));
  kernels::GroupAttentionArgs args{
      {q.view(), k.view(), v.view(), y.view(), heads, head_size, scale, products},
      text,
      own,
      queries.data()};
  const std::size_t cut = input->UpTo(groups);
  AttendGroups(set, args, 0, cut);
  AttendGroups(set, args, cut, groups);
  ASSERT_TRUE(y.GapsAreUntouched());
  args.all.out = expected.view(), args.all.products = DType::kF32;
  AttendGroups(*kernels::FindKernelSet("portable"), args, 0, groups);
  ExpectNearTwin(set, products, y.view(), expected.view(), v.view());
}

// What is lost where a row's mean is taken from values of this size, as a share of their deviation.
double LayerNormTolerance(const float* x, const float* added, std::size_t cols) {
  double mean = 0, variance = 0, largest = 0;
  const auto value = [&](std::size_t i) {
    return double{x[i]} + (added == nullptr ? 0.0 : double{added[i]});
  };
  for (std::size_t i = 0; i < cols; ++i) {
    mean += value(i) / static_cast<double>(cols);
    largest = std::max(largest, std::fabs(value(i)));
  }
  for (std::size_t i = 0; i < cols; ++i) {
    variance += (value(i) - mean) * (value(i) - mean) / static_cast<double>(cols);
  }
  return 1e-4 + 2e-5 * largest / std::sqrt(variance + 1e-5);
}

void CheckLayerNorm(const KernelSet& set, const Sizes& sizes, Input* input, std::mt19937& random) {
  const std::size_t rows = sizes.rows, cols = sizes.inputs;
  const TestMatrix x = MatrixOf(sizes, rows, cols, random);
  const TestMatrix residual = MatrixOf(sizes, rows, cols, random);
  const TestMatrix parameters = MatrixOf({2, cols, 1, 0, 0, 1.0f, false}, 2, cols, random);
  const float* gamma = parameters.view().row(0);
  const float* beta = parameters.view().row(1);
  const ConstMatrixView added = input->Flag() ? residual.view() : ConstMatrixView{};
  TestMatrix y(rows, cols, sizes.gap, sizes.shift), expected(rows, cols);
  set.AddLayerNorm(x.view(), added, gamma, beta, 1e-5f, y.view());
  ASSERT_TRUE(y.GapsAreUntouched());
  kernels::FindKernelSet("portable")
      ->AddLayerNorm(x.view(), added, gamma, beta, 1e-5f, expected.view());
  for (std::size_t r = 0; r < rows; ++r) {
    const double tolerance =
        LayerNormTolerance(x.view().row(r), added.data == nullptr ? nullptr : added.row(r), cols);
    for (std::size_t i = 0; i < cols; ++i) {
      ASSERT_NEAR(y.view().row(r)[i], expected.view().row(r)[i], tolerance) << set.name();
    }
  }
}

}  // namespace

RADIE_FUZZ_TARGET(kernels) {
  static const std::vector<const KernelSet*> sets = kernels::AvailableKernelSets();
  Input input(bytes);
  const KernelSet& set = *sets[input.Byte() % sets.size()];
  const std::size_t operation = input.UpTo(8);
  const Sizes sizes = SizesOf(&input);
  std::minstd_rand seeder(input.Byte());
  std::mt19937 random(seeder());
  switch (operation) {
    case 0:
      return CheckLinear(set, DType::kBF16, sizes, random);
    case 1:
      return CheckLinear(set, DType::kI8, sizes, random);
    case 2:
      return CheckAttention(set, DType::kF32, sizes, &input, random);
    case 3:
      return CheckAttention(set, DType::kBF16, sizes, &input, random);
    case 4:
      return CheckLayerNorm(set, sizes, &input, random);
    case 6:
      return CheckGroups(set, DType::kF32, sizes, &input, random);
    case 7:
      return CheckGroups(set, DType::kBF16, sizes, &input, random);
    default:
      return CheckLinear(set, DType::kF32, sizes, random);
  }
}

}  // namespace radie::fuzz
