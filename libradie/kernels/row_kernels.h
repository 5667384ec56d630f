// Work on rows of fp32, written once for every vector type: see panels.h on why all of it is
// templates over a type of the including file's own. Vec is avx2_vector.h's or avx512_vector.h's;
// each lane stands for itself, sums run in one fixed order.
#pragma once

#include <cstddef>

#include "libradie/kernels/panels.h"
#include "libradie/kernels/vector_math.h"

namespace radie::kernels {

template <typename Vec>
constexpr std::size_t Smaller(std::size_t a, std::size_t b) {
  return a < b ? a : b;
}

// How much of what comes next each of `tiles` tiles fetches. With one tile only, its own weights
// take all that the memory gives.
template <typename Vec>
constexpr std::size_t FetchedByATile(const NextWeights& next, std::size_t tiles) {
  return tiles < 2 ? 0 : next.bytes / tiles;
}

// Fetches the cache lines of [from, from + bytes) into the first-level cache, or the second-level.
enum class Cache : int { kSecond = 2, kFirst = 3 };  // as __builtin_prefetch counts them

template <Cache kCache>
inline __attribute__((always_inline)) void Prefetch(const char* from, std::size_t bytes) {
#pragma GCC unroll 8
  for (std::size_t at = 0; at < bytes; at += kCacheLine) {
    __builtin_prefetch(from + at, 0, static_cast<int>(kCache));
  }
}

template <typename Vec>
constexpr std::size_t RoundUp(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// row[i] = function(row[i]) for i < count.
template <typename Vec, typename Lanes, typename Function>
inline void MapRow(float* row, std::size_t count, const Function& function) {
  std::size_t i = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) Store(row + i, function(Vec::Load(row + i)));
  if (i < count) {
    const Lanes tail(count - i);
    tail.Store(row + i, function(tail.Load(row + i)));
  }
}

template <typename Vec, typename Lanes>
inline void ActivateRows(Activation activation, float* c, std::size_t stride, std::size_t rows,
                         std::size_t width) {
  WithActivation<Vec>(activation, [&](auto function) {
    for (std::size_t r = 0; r < rows; ++r) MapRow<Vec, Lanes>(c + r * stride, width, function);
  });
}

// Sum over i < count of term(vector of row at i); lanes past the end count as 0.
template <typename Vec, typename Lanes, typename Term>
inline float SumRow(const float* row, std::size_t count, const Term& term) {
  Vec sum = Vec::Set(0.0f);
  std::size_t i = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) sum = sum + term(Vec::Load(row + i));
  if (i < count) {
    const Lanes tail(count - i);
    sum = sum + tail.Select(term(tail.Load(row + i)), Vec::Set(0.0f));
  }
  return SumLanes(sum);
}

// Highest of row[i] · factor, NaNs left out.
template <typename Vec, typename Lanes>
inline float MaxRow(const float* row, std::size_t count, Vec factor) {
  const Vec lowest = Vec::Set(-3.4028235e38f);
  Vec highest = lowest;
  std::size_t i = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) {
    highest = Max(Vec::Load(row + i) * factor, highest);
  }
  if (i < count) {
    const Lanes tail(count - i);
    highest = Max(tail.Select(tail.Load(row + i) * factor, lowest), highest);
  }
  return MaxLanes(highest);
}

// row ← exp(row * scale - max), returns 1 / its sum.
template <typename Vec, typename Lanes>
inline float ExpRow(float* row, std::size_t count, float scale) {
  const Vec factor = Vec::Set(scale);
  const Vec max = Vec::Set(MaxRow<Vec, Lanes>(row, count, factor));
  Vec sum = Vec::Set(0.0f);
  std::size_t i = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) {
    const Vec e = Exp(Vec::Load(row + i) * factor - max);
    Store(row + i, e);
    sum = sum + e;
  }
  if (i < count) {
    const Lanes tail(count - i);
    const Vec e = tail.Select(Exp(tail.Load(row + i) * factor - max), Vec::Set(0.0f));
    tail.Store(row + i, e);
    sum = sum + e;
  }
  return 1.0f / SumLanes(sum);
}

// y = a, or a + b.
template <typename Vec, typename Lanes>
inline void SumRows(const float* a, const float* b, std::size_t count, float* y) {
  for (std::size_t i = 0; i < count; i += Vec::kLanes) {
    const Lanes lanes(count - i);
    const Vec x = lanes.Load(a + i);
    lanes.Store(y + i, b == nullptr ? x : x + lanes.Load(b + i));
  }
}

template <typename Vec, typename Lanes>
void AddLayerNormRows(const LayerNormArgs& args) {
  const std::size_t count = args.x.cols;
  for (std::size_t r = 0; r < args.x.rows; ++r) {
    const float* residual =
        args.residual.data == nullptr ? nullptr : args.residual.data + r * args.residual.stride;
    float* y = args.y.data + r * args.y.stride;
    SumRows<Vec, Lanes>(args.x.data + r * args.x.stride, residual, count, y);
    const float mean =
        SumRow<Vec, Lanes>(y, count, [](Vec v) { return v; }) / static_cast<float>(count);
    const Vec centre = Vec::Set(mean);
    const float squares =
        SumRow<Vec, Lanes>(y, count, [&](Vec v) { return (v - centre) * (v - centre); });
    const float variance = squares / static_cast<float>(count);
    const float deviation = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(variance + args.eps)));
    const Vec scale = Vec::Set(1.0f / deviation);
    for (std::size_t i = 0; i < count; i += Vec::kLanes) {
      const Lanes lanes(count - i);
      lanes.Store(y + i, Fma((lanes.Load(y + i) - centre) * scale, lanes.Load(args.gamma + i),
                             lanes.Load(args.beta + i)));
    }
  }
}

struct RowRange {
  float low, high;  // 0 lies between them, so that it is exact and the zero point small
  bool finite;
};

template <typename Vec, typename Lanes>
inline RowRange RangeOfRow(const float* row, std::size_t count) {
  const Vec zero = Vec::Set(0.0f);
  Vec high = zero, negated_low = zero, not_finite = zero;  // the last: 0, or NaN
  for (std::size_t i = 0; i < count; i += Vec::kLanes) {
    const Vec x = i + Vec::kLanes <= count ? Vec::Load(row + i) : Lanes(count - i).Load(row + i);
    high = Max(x, high);
    negated_low = Max(zero - x, negated_low);
    not_finite = Fma(x, zero, not_finite);
  }
  return {-MaxLanes(negated_low), MaxLanes(high), SumLanes(not_finite) == 0.0f};
}

// Rows of `row_bytes`: a QuantizedRow, then bytes 0 to `levels`. A row that is not finite has the
// scale NaN: overflow is seen at the end.
template <typename Vec, typename Lanes>
void QuantizeRows(ConstMatrixView x, std::byte* to, std::size_t row_bytes, float levels) {
  const std::size_t count = x.cols;
  for (std::size_t r = 0; r < x.rows; ++r, to += row_bytes) {
    const float* row = x.data + r * x.stride;
    const RowRange range_of_row = RangeOfRow<Vec, Lanes>(row, count);
    const float low = range_of_row.low, range = range_of_row.high - low;
    const bool usable = range_of_row.finite && range > 1e-30f && range < 1e38f;
    const float scale = usable                                ? range / levels
                        : range_of_row.finite && range < 1.0f ? 0.0f
                                                              : __builtin_nanf("");
    const Vec inverse = Vec::Set(usable ? levels / range : 0.0f);
    const std::int32_t zero = usable ? _mm_cvtss_si32(_mm_set_ss(-low * (levels / range))) : 0;
    auto* header = reinterpret_cast<QuantizedRow*>(to);
    header->scale = scale;
    header->zero = zero;

    auto* bytes = reinterpret_cast<unsigned char*>(to + kCacheLine);
    const Vec offset = Vec::Set(static_cast<float>(zero));
    const auto quantize = [&](Vec v) {
      return Max(Vec::Set(0.0f), Min(Vec::Set(levels), Fma(v, inverse, offset)));
    };
    std::size_t i = 0;
    for (; i + Vec::kLanes <= count; i += Vec::kLanes) {
      StoreBytes(bytes + i, quantize(Vec::Load(row + i)));
    }
    if (i < count) {
      alignas(64) unsigned char last[Vec::kLanes];
      StoreBytes(last, quantize(Lanes(count - i).Load(row + i)));
      for (std::size_t j = 0; i < count; ++i, ++j) bytes[i] = last[j];
    }
    const std::size_t end = RoundUp<Vec>(count, kCacheLine);
    for (; i < end; ++i) bytes[i] = 0;
  }
}

}  // namespace radie::kernels
