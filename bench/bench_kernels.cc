// One kernel, one core: see README.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/random_values.h"
#include "libradie/kernels/kernels.h"
#include "libradie/nn/tensor.h"

namespace radie {
namespace {

using kernels::KernelSet;

Tensor RandomMatrix(std::size_t rows, std::size_t cols) {
  Tensor tensor(rows, cols);
  const std::vector<float> values = RandomFloats(rows * cols, 1.0f, 1);
  std::copy(values.begin(), values.end(), tensor.view().data);
  return tensor;
}

void CountFlops(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

// y = x W^T + b, K inputs and N outputs. With `cold`, so many weight matrices are used in turn that
// none is in the cache.
void BenchLinear(benchmark::State& state, const KernelSet& set, bool half, bool cold,
                 Activation activation, std::size_t k, std::size_t n) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const std::size_t copies = cold ? (std::size_t{256} << 20) / (k * n * (half ? 2 : 4)) : 1;
  const std::vector<float> floats = half ? std::vector<float>() : RandomFloats(k * n, 0.05f, 2);
  const std::vector<std::uint16_t> halves =
      half ? RandomHalves(k * n, 2) : std::vector<std::uint16_t>();
  const kernels::WeightView view{half ? static_cast<const void*>(halves.data()) : floats.data(), n,
                                 k, half ? DType::kF16 : DType::kF32, nullptr};
  const std::vector<float> bias = RandomFloats(n, 0.1f, 3);
  std::vector<std::unique_ptr<const kernels::PackedLinear>> weights(copies);
  for (auto& packed : weights) packed = set.Pack(std::span(&view, 1), std::span(&bias, 1), view.dtype);
  const Tensor x = RandomMatrix(rows, k);
  Tensor y(rows, n);
  std::size_t next = 0;
  for (auto _ : state) {
    set.Linear(*weights[next], x.view(), activation, y.view());
    benchmark::DoNotOptimize(y.view().data);
    next = (next + 1) % copies;
  }
  CountFlops(state, 2.0 * static_cast<double>(rows * k * n));
}

// One layer's attention: 12 heads of 64 over one sequence.
void BenchAttention(benchmark::State& state, const KernelSet* set) {
  constexpr std::size_t kHeads = 12, kSize = 64, kWidth = kHeads * kSize;
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const Tensor qkv = RandomMatrix(tokens, 3 * kWidth);
  Tensor out(tokens, kWidth);
  const kernels::AttentionArgs args{qkv.view().Cols(0, kWidth),
                                    qkv.view().Cols(kWidth, 2 * kWidth),
                                    qkv.view().Cols(2 * kWidth, 3 * kWidth),
                                    out.view(),
                                    kHeads,
                                    kSize,
                                    0.125f};
  for (auto _ : state) {
    set->Attention(args, 0, tokens);
    benchmark::DoNotOptimize(out.view().data);
  }
  CountFlops(state, 4.0 * static_cast<double>(tokens * tokens * kWidth));
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
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(kRows), benchmark::Counter::kIsIterationInvariantRate);
}

void RegisterAll() {
  for (const KernelSet* set : kernels::AvailableKernelSets()) {
    const std::string name(set->name());
    for (bool half : {false, true}) {
      const std::string type = half ? "fp16" : "fp32";
      for (bool cold : {true, false}) {
        benchmark::RegisterBenchmark(("linear_" + type + (cold ? "_cold/" : "/") + name).c_str(),
                                     [=](benchmark::State& s) {
                                       BenchLinear(s, *set, half, cold, Activation::kNone, 768,
                                                   768);
                                     })
            ->Arg(1)
            ->Arg(8)
            ->Arg(16)
            ->Arg(32)
            ->Arg(128)
            ->Arg(1024);
      }
    }
    benchmark::RegisterBenchmark(("linear_gelu_768_3072/" + name).c_str(), [=](benchmark::State&
                                                                                   s) {
      BenchLinear(s, *set, false, false, Activation::kGeluErf, 768, 3072);
    })->Arg(128);
    benchmark::RegisterBenchmark(("linear_3072_768/" + name).c_str(), [=](benchmark::State& s) {
      BenchLinear(s, *set, false, false, Activation::kNone, 3072, 768);
    })->Arg(128);
    benchmark::RegisterBenchmark(("attention_12x64/" + name).c_str(), BenchAttention, set)
        ->Arg(16)
        ->Arg(64)
        ->Arg(128)
        ->Arg(512);
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
