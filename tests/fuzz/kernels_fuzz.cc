// Every kernel set of the machine over any small sizes: products beside exact ones, all else beside
// the portable twin.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "libradie/base/aligned_buffer.h"
#include "libradie/base/half.h"
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

// How a product is computed, of which weights, and how it ends. Read behind all else, where inputs
// that were kept before these were have nothing: plain fp32 weights, no bias, no activation.
struct Product {
  DType dtype = DType::kF32, stored = DType::kF32;
  Activation activation = Activation::kNone;
  float bias_spread = 0;
  bool as_they_are = false;  // rows that could be prepared are not
  bool cut = false;          // into ranges of columns, the last one first
};

Product ProductOf(DType dtype, Input* input) {
  static constexpr DType kStored[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kI8};
  static constexpr Activation kActivations[] = {Activation::kNone, Activation::kGeluErf,
                                                Activation::kGeluTanh, Activation::kRelu,
                                                Activation::kTanh};
  Product product{dtype};
  product.stored = kStored[input->UpTo(3)];
  const int bias = static_cast<int>(input->UpTo(25));
  if (bias > 0) product.bias_spread = std::ldexp(1.0f, bias - 13);
  product.activation = kActivations[input->UpTo(4)];
  if (input->Flag() && dtype == DType::kF32) product.dtype = DType::kF16;
  product.as_they_are = input->Flag() && product.dtype != DType::kBF16 && dtype != DType::kI8;
  product.cut = input->Flag();
  return product;
}

// To the nearest that a type of 16 bits has; others as they are.
float Rounded(float value, DType dtype) {
  if (dtype == DType::kF16) return WidenHalf(NarrowHalf(value));
  return dtype == DType::kBF16 ? WidenBfloat16(NarrowBfloat16(value)) : value;
}

// Weights as a file has them, `shift` bytes past an aligned address, and their values.
class StoredWeights {
 public:
  StoredWeights(std::vector<float> draws, std::size_t outputs, DType dtype, std::size_t shift)
      : values_(std::move(draws)), bytes_(shift), scales_(outputs) {
    const std::size_t inputs = values_.size() / outputs;
    bytes_.reserve(shift +
                   values_.size() * ElementBytes(dtype));  // a sanitizer sees what is beyond
    for (std::size_t o = 0; o < outputs; ++o) {
      float* row = values_.data() + o * inputs;
      scales_[o] = Largest(row, inputs) / 127.0f;
      for (std::size_t i = 0; i < inputs; ++i) row[i] = Store(row[i], scales_[o], dtype);
    }
    view_ = {bytes_.data() + shift, outputs, inputs, dtype,
             dtype == DType::kI8 ? scales_.data() : nullptr};
  }

  const float* row(std::size_t output) const { return values_.data() + output * view_.cols; }
  const WeightView& view() const { return view_; }

 private:
  // Returns the value that it has then.
  float Store(float value, float scale, DType dtype) {
    if (dtype == DType::kF32) return Append(value), value;
    if (dtype == DType::kI8) {
      const auto steps = static_cast<std::int8_t>(scale > 0 ? std::lround(value / scale) : 0);
      return Append(steps), scale * static_cast<float>(steps);
    }
    Append(dtype == DType::kF16 ? NarrowHalf(value) : NarrowBfloat16(value));
    return Rounded(value, dtype);
  }

  template <typename T>
  void Append(T element) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&element);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof element);
  }

  std::vector<float> values_;
  std::vector<std::byte> bytes_;
  std::vector<float> scales_;
  WeightView view_;
};

double Activated(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGeluErf:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
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

// How far an activation may be from its own value, besides what its argument is wrong by, which
// grows by no more than kSteepest.
constexpr double kSteepest = 1.13;  // both GELUs
double ActivationTolerance(double x, Activation activation) {
  if (activation == Activation::kTanh) return 5e-7 * std::min(std::fabs(x), 1.0);
  const bool gelu = activation == Activation::kGeluErf || activation == Activation::kGeluTanh;
  return gelu ? 5e-7 * std::fabs(x) : 0.0;
}

// One output: a sum, the sum of its terms' magnitudes, and what rounding rows and weights to int8
// may make of it.
struct Output {
  double sum = 0, size = 0, int8_tolerance = 0;
};

Output OutputOf(const Product& product, const float* x, const float* w, std::size_t inputs) {
  Output output;
  double x_sum = 0, w_sum = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    const double input = product.dtype == DType::kBF16 ? Rounded(x[i], DType::kBF16) : x[i];
    const double term = input * Rounded(w[i], product.dtype);
    output.sum += term, output.size += std::fabs(term);
    x_sum += std::fabs(x[i]), w_sum += std::fabs(w[i]);
  }
  if (product.dtype != DType::kI8) return output;
  // A step of the weights, and of activations in seven bits.
  const double w_step = Largest(w, inputs) / 127.0, x_step = 2.0 * Largest(x, inputs) / 127.0;
  output.int8_tolerance =
      w_step * x_sum + x_step * w_sum + double(inputs) * w_step * x_step + 1e-5 * output.size;
  return output;
}

// Each output is what exact arithmetic makes of the same numbers, up to roundings of fp32; with
// int8, up to steps.
void ExpectProducts(const KernelSet& set, const Product& product, ConstMatrixView x,
                    const StoredWeights& weights, const std::vector<float>& bias,
                    ConstMatrixView y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    for (std::size_t o = 0; o < y.cols; ++o) {
      const Output output = OutputOf(product, x.row(r), weights.row(o), x.cols);
      const double sum = output.sum + bias[o];
      // A chain of sums that begins with the bias rounds as often as it is long.
      const double bias_tolerance = 0x1p-24 * double(x.cols + 2) * std::fabs(bias[o]);
      const double tolerance = 2e-6 * output.size + bias_tolerance + output.int8_tolerance;
      ASSERT_NEAR(y.row(r)[o], Activated(sum, product.activation),
                  kSteepest * tolerance + ActivationTolerance(sum, product.activation) + 1e-30)
          << set.name() << " " << DTypeName(product.dtype) << " of " << DTypeName(product.stored)
          << ", activation " << static_cast<int>(product.activation) << ", row " << r << " output "
          << o << " of " << y.cols;
    }
  }
}

std::vector<float> Draws(std::size_t count, float spread, std::mt19937& random) {
  std::vector<float> values(count, 0.0f);
  if (spread == 0) return values;
  std::normal_distribution<float> draw(0, spread);
  for (float& value : values) value = draw(random);
  return values;
}

void CheckLinear(const KernelSet& set, DType dtype, const Sizes& sizes, Input* input,
                 std::mt19937& random) {
  if (!set.Supports(dtype, sizes.inputs)) return;
  const Product product = ProductOf(dtype, input);
  const auto [rows, inputs, outputs] = std::tuple(sizes.rows, sizes.inputs, sizes.outputs);
  const TestMatrix x = MatrixOf(sizes, rows, inputs, random);
  const StoredWeights weights(Draws(outputs * inputs, sizes.spread, random), outputs,
                              product.stored, sizes.shift);
  const std::vector<float> bias = Draws(outputs, product.bias_spread, random);

  const auto packed = set.Pack(weights.view(), bias, product.dtype);
  const std::size_t prepared_bytes = set.PreparedBytes(product.dtype, inputs);
  AlignedBuffer prepared(std::max<std::size_t>(prepared_bytes * rows, 1));
  Operand operand(x.view());
  if (prepared_bytes > 0 && !product.as_they_are) {
    set.Prepare(product.dtype, x.view(), prepared.data());
    operand = Operand(prepared.data(), rows, inputs, prepared_bytes);
  }
  TestMatrix y(rows, outputs, sizes.gap, sizes.shift);
  const std::size_t cut =
      product.cut && outputs > KernelSet::kColumnBlock ? KernelSet::kColumnBlock : 0;
  set.LinearColumns(*packed, operand, product.activation, y.view(), {cut, outputs});
  if (cut > 0) set.LinearColumns(*packed, operand, product.activation, y.view(), {0, cut, cut});
  ASSERT_TRUE(y.GapsAreUntouched());
  ExpectProducts(set, product, x.view(), weights, bias, y.view());
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
      return CheckLinear(set, DType::kBF16, sizes, &input, random);
    case 1:
      return CheckLinear(set, DType::kI8, sizes, &input, random);
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
      return CheckLinear(set, DType::kF32, sizes, &input, random);
  }
}

}  // namespace radie::fuzz
