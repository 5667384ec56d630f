// One kernel, one core: see README.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/random_values.h"
#include "libradie/base/aligned_buffer.h"
#include "libradie/kernels/kernels.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

using kernels::KernelSet;

struct NamedType {
  DType dtype;
  const char* name;
};
constexpr NamedType kTypes[] = {
    {DType::kF32, "fp32"}, {DType::kF16, "fp16"}, {DType::kBF16, "bf16"}, {DType::kI8, "int8"}};

Tensor RandomMatrix(std::size_t rows, std::size_t cols) {
  Tensor tensor(rows, cols);
  const std::vector<float> values = RandomFloats(rows * cols, 1.0f, 1);
  std::copy(values.begin(), values.end(), tensor.view().data);
  return tensor;
}

void CountRate(benchmark::State& state, const char* name, double count) {
  state.counters[name] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
}
void CountFlops(benchmark::State& state, double flops) {
  CountRate(state, "GFLOP/s", flops * 1e-9);
}

// Activations as products of one type read them.
class PreparedInput {
 public:
  PreparedInput(const KernelSet& set, DType dtype, ConstMatrixView x)
      : bytes_(set.PreparedBytes(dtype, x.cols)), buffer_(bytes_ * x.rows), operand_(x) {
    if (bytes_ == 0) return;
    set.Prepare(dtype, x, buffer_.data());
    operand_ = {buffer_.data(), x.rows, x.cols, bytes_};
  }
  const kernels::Operand& operand() const { return operand_; }
  void* data() const { return const_cast<AlignedBuffer&>(buffer_).data(); }

 private:
  std::size_t bytes_;
  AlignedBuffer buffer_;
  kernels::Operand operand_;
};

struct LinearCase {
  const KernelSet* set;
  DType dtype;
  std::size_t inputs, outputs;
  Activation activation = Activation::kNone;
  bool cold = false;
};

// y = x W^T + b on rows that are prepared already. With `cold`, so many weight matrices are used in
// turn that none is in the cache.
void BenchLinear(benchmark::State& state, const LinearCase& c) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const std::size_t k = c.inputs, n = c.outputs;
  const std::size_t copies =
      c.cold ? (std::size_t{256} << 20) / (k * n * ElementBytes(c.dtype)) : 1;
  const std::vector<float> values = RandomFloats(k * n, 0.05f, 2);
  const kernels::WeightView view{values.data(), n, k, DType::kF32, nullptr};
  const std::vector<float> bias = RandomFloats(n, 0.1f, 3);
  std::vector<std::unique_ptr<const kernels::PackedLinear>> weights(copies);
  for (auto& packed : weights) {
    packed = c.set->Pack(view, bias, c.dtype);
  }
  const Tensor x = RandomMatrix(rows, k);
  const PreparedInput input(*c.set, c.dtype, x.view());
  Tensor y(rows, n);
  std::size_t next = 0;
  for (auto _ : state) {
    c.set->Linear(*weights[next], input.operand(), c.activation, y.view());
    benchmark::DoNotOptimize(y.view().data);
    next = (next + 1) % copies;
  }
  CountFlops(state, 2.0 * static_cast<double>(rows * k * n));
}

// 128 rows of 768 to what products of a shorter type read.
void BenchPrepare(benchmark::State& state, const KernelSet* set, DType dtype) {
  constexpr std::size_t kRows = 128, kWidth = 768;
  const Tensor x = RandomMatrix(kRows, kWidth);
  const PreparedInput to(*set, dtype, x.view());
  for (auto _ : state) {
    set->Prepare(dtype, x.view(), to.data());
    benchmark::DoNotOptimize(to.data());
  }
  CountRate(state, "rows/s", double{kRows});
}

// A product with one input is hardly more than its activation.
void BenchActivation(benchmark::State& state, const KernelSet* set, Activation activation) {
  constexpr std::size_t kRows = 128, kWidth = 3072;
  const std::vector<float> values = RandomFloats(kWidth, 3.0f, 6), bias(kWidth);
  const kernels::WeightView view{values.data(), kWidth, 1, DType::kF32, nullptr};
  const auto weights = set->Pack(view, bias, DType::kF32);
  const Tensor x = RandomMatrix(kRows, 1);
  Tensor y(kRows, kWidth);
  for (auto _ : state) {
    set->Linear(*weights, x.view(), activation, y.view());
    benchmark::DoNotOptimize(y.view().data);
  }
  CountRate(state, "values/s", double{kRows * kWidth});
}

// One layer's attention over one sequence, 12 heads of `size`.
void BenchAttention(benchmark::State& state, const KernelSet* set, std::size_t size,
                    DType products) {
  constexpr std::size_t kHeads = 12;
  const std::size_t width = kHeads * size;
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const Tensor qkv = RandomMatrix(tokens, 3 * width);
  Tensor out(tokens, width);
  const AlignedBuffer scratch(set->AttentionBytes(products, tokens, 0, size));
  const kernels::AttentionArgs args{qkv.view().Cols(0, width),
                                    qkv.view().Cols(width, 2 * width),
                                    qkv.view().Cols(2 * width, 3 * width),
                                    out.view(),
                                    kHeads,
                                    size,
                                    0.125f,
                                    products,
                                    scratch.data()};
  for (auto _ : state) {
    set->Attention(args, 0, tokens);
    benchmark::DoNotOptimize(out.view().data);
  }
  if (size == 1) {  // heads of one value: the exponentials are what counts
    CountRate(state, "values/s", static_cast<double>(tokens * tokens * kHeads));
  } else {
    CountFlops(state, 4.0 * static_cast<double>(tokens * tokens * width));
  }
}

void BenchLayerNorm(benchmark::State& state, const KernelSet* set) {
  constexpr std::size_t kRows = 128, kWidth = 768;
  const Tensor x = RandomMatrix(kRows, kWidth), residual = RandomMatrix(kRows, kWidth);
  const std::vector<float> gamma = RandomFloats(kWidth, 1.0f, 4),
                           beta = RandomFloats(kWidth, 1.0f, 5);
  Tensor y(kRows, kWidth);
  for (auto _ : state) {
    set->AddLayerNorm(x.view(), residual.view(), gamma.data(), beta.data(), 1e-12f, y.view());
    benchmark::DoNotOptimize(y.view().data);
  }
  CountRate(state, "rows/s", double{kRows});
}

// The arithmetic that all the others are to be compared with.
void BenchFma(benchmark::State& state, const KernelSet* set) {
  constexpr std::size_t kRounds = 10'000;
  const kernels::FmaLoop loop = set->fma_loop();
  for (auto _ : state) benchmark::DoNotOptimize(loop.run(kRounds, 0.5f, 1.0f));
  CountFlops(state, 2.0 * static_cast<double>(kRounds * loop.values));
}

void RegisterLinear(const std::string& name, const LinearCase& c,
                    const std::vector<std::int64_t>& rows) {
  auto* bench = benchmark::RegisterBenchmark(
      name.c_str(), [c](benchmark::State& state) { BenchLinear(state, c); });
  for (std::int64_t count : rows) bench->Arg(count);
}

void RegisterProducts(const KernelSet* set, const NamedType& type) {
  const std::string name(set->name()), suffix = std::string(type.name) + "/" + name;
  const std::vector<std::int64_t> rows = {1, 8, 16, 32, 128, 1024};
  RegisterLinear("linear_cold_" + suffix, {set, type.dtype, 768, 768, Activation::kNone, true},
                 rows);
  RegisterLinear("linear_" + suffix, {set, type.dtype, 768, 768}, rows);
  RegisterLinear("linear_768_3072_" + suffix, {set, type.dtype, 768, 3072}, {128});
  RegisterLinear("linear_gelu_768_3072_" + suffix,
                 {set, type.dtype, 768, 3072, Activation::kGeluErf}, {128});
  RegisterLinear("linear_3072_768_" + suffix, {set, type.dtype, 3072, 768}, {128});
  if (set->PreparedBytes(type.dtype, 768) != 0) {
    benchmark::RegisterBenchmark(("prepare_" + suffix).c_str(), BenchPrepare, set, type.dtype);
  }
}

void RegisterAttention(const std::string& name, const KernelSet* set, std::size_t head_size,
                       DType products) {
  auto* bench =
      benchmark::RegisterBenchmark(name.c_str(), BenchAttention, set, head_size, products);
  for (std::int64_t tokens : {16, 64, 128, 256, 512}) bench->Arg(tokens);
}

void RegisterAll() {
  for (const KernelSet* set : kernels::AvailableKernelSets()) {
    const std::string name(set->name());
    benchmark::RegisterBenchmark(("fma/" + name).c_str(), BenchFma, set);
    for (const NamedType& type : kTypes) {
      if (set->Supports(type.dtype, 3072)) RegisterProducts(set, type);
    }
    RegisterAttention("attention_12x64/" + name, set, 64, DType::kF32);
    RegisterAttention("softmax_12x/" + name, set, 1, DType::kF32);
    if (set->SupportsBf16Attention()) {
      RegisterAttention("attention_12x64_bf16/" + name, set, 64, DType::kBF16);
      RegisterAttention("softmax_12x_bf16/" + name, set, 1, DType::kBF16);
    }
    benchmark::RegisterBenchmark(("gelu_erf/" + name).c_str(), BenchActivation, set,
                                 Activation::kGeluErf);
    benchmark::RegisterBenchmark(("gelu_tanh/" + name).c_str(), BenchActivation, set,
                                 Activation::kGeluTanh);
    benchmark::RegisterBenchmark(("relu/" + name).c_str(), BenchActivation, set, Activation::kRelu);
    benchmark::RegisterBenchmark(("layer_norm_768/" + name).c_str(), BenchLayerNorm, set);
  }
}

}  // namespace
}  // namespace radie

int main(int argc, char** argv) {
  radie::RegisterAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
