// AVX2, FMA and F16C. See panels.h for what this file must not do.
#include <immintrin.h>

#include <new>

#include "libradie/kernels/panels.h"
#include "libradie/kernels/vector_math.h"

namespace radie::kernels {
namespace {

using std::size_t;

constexpr size_t kWidth = 16;    // outputs a panel: two registers
constexpr size_t kTileRows = 6;  // 6 × 2 accumulators, 2 of weights, 1 of input: 15 of 16 registers
constexpr size_t kDepthBlock = 384;  // a panel's block of 24 KiB stays in the first-level cache
constexpr size_t kRowBlock = 192;    // rows × kDepthBlock stay in the second-level cache
constexpr size_t kQueryBlock = 48;   // queries whose scores are held at once
constexpr size_t kFewRows = 24;      // up to here reading weights is what costs
constexpr size_t kAhead = 1024;      // bytes of prefetch; cold weights go 15 % faster by it
constexpr size_t kLanes = 8;

constexpr size_t RoundUp(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }
constexpr size_t Smaller(size_t a, size_t b) { return a < b ? a : b; }

struct Vec {
  __m256 v;

  static Vec Set(float x) { return {_mm256_set1_ps(x)}; }
  static Vec Load(const float* p) { return {_mm256_loadu_ps(p)}; }
};
inline void Store(float* p, Vec x) { _mm256_storeu_ps(p, x.v); }
inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Vec Fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec Min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Vec Max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Vec SignBit() { return Vec::Set(-0.0f); }
inline Vec Abs(Vec x) { return {_mm256_andnot_ps(SignBit().v, x.v)}; }
inline Vec CopySign(Vec magnitude, Vec sign) {
  return {_mm256_or_ps(Abs(magnitude).v, _mm256_and_ps(SignBit().v, sign.v))};
}
inline Vec IfGreater(Vec a, Vec b, Vec then, Vec otherwise) {
  return {_mm256_blendv_ps(otherwise.v, then.v, _mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ))};
}
inline Vec PowerOfTwo(Vec shifted) {
  const __m256i n = _mm256_add_epi32(_mm256_castps_si256(shifted.v), _mm256_set1_epi32(127));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(n, 23))};
}

// The first `count` (0 to 7, or all from 8 on) lanes of a vector in memory.
class Lanes {
 public:
  explicit Lanes(size_t count)
      : mask_(_mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(Smaller(count, kLanes))),
                                 _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}

  Vec Load(const float* p) const { return {_mm256_maskload_ps(p, mask_)}; }  // 0 elsewhere
  void Store(float* p, Vec x) const { _mm256_maskstore_ps(p, mask_, x.v); }
  Vec Select(Vec inside, Vec outside) const {
    return {_mm256_blendv_ps(outside.v, inside.v, _mm256_castsi256_ps(mask_))};
  }

 private:
  __m256i mask_;
};

inline float SumLanes(Vec x) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

inline float MaxLanes(Vec x) {
  __m128 max = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  max = _mm_max_ps(max, _mm_movehl_ps(max, max));
  return _mm_cvtss_f32(_mm_max_ss(max, _mm_movehdup_ps(max)));
}

// row[i] = function(row[i]) for i < count; each lane by itself.
template <typename Function>
inline void MapRow(float* row, size_t count, const Function& function) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(row + i, function(Vec::Load(row + i)));
  if (i < count) {
    const Lanes tail(count - i);
    tail.Store(row + i, function(tail.Load(row + i)));
  }
}

class Scratch {
 public:
  explicit Scratch(size_t floats)
      : data_(static_cast<float*>(::operator new (floats * sizeof(float), std::align_val_t{64}))) {}
  ~Scratch() { ::operator delete (data_, std::align_val_t{64}); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  float* data() const { return data_; }

 private:
  float* data_;
};

// c[rows, width] = start + a[rows, depth] · panel[depth, 16]; start is the bias when `first`, else
// what c holds.
struct Product {
  const float* a;
  size_t a_stride;
  const void* panel;
  const float* bias;
  bool first;
  size_t depth;
  float* c;
  size_t c_stride, width;
};

template <bool kHalf>
inline __attribute__((always_inline)) void LoadWeights(const void* panel, size_t k, __m256& low,
                                                       __m256& high) {
  if constexpr (kHalf) {
    const auto* p = static_cast<const __m128i*>(panel) + 2 * k;
    low = _mm256_cvtph_ps(_mm_load_si128(p));
    high = _mm256_cvtph_ps(_mm_load_si128(p + 1));
  } else {
    const float* p = static_cast<const float*>(panel) + kWidth * k;
    low = _mm256_load_ps(p);
    high = _mm256_load_ps(p + kLanes);
  }
}

// Every loop over accumulators must be unrolled by pragma: GCC 12 otherwise keeps them in memory,
// at less than half the speed.
template <int kRows, bool kHalf>
void MultiplyTile(const Product& p) {
  const bool whole = p.width == kWidth;
  const Lanes low_lanes(p.width), high_lanes(p.width > kLanes ? p.width - kLanes : 0);
  __m256 acc[kRows][2];
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    const float* start = p.first ? p.bias : p.c + r * p.c_stride;
    acc[r][0] = whole || p.first ? _mm256_loadu_ps(start) : low_lanes.Load(start).v;
    acc[r][1] =
        whole || p.first ? _mm256_loadu_ps(start + kLanes) : high_lanes.Load(start + kLanes).v;
  }
  const float* a = p.a;
  const size_t stride = p.a_stride;
  for (size_t k = 0; k < p.depth; ++k, ++a) {
    __m256 low, high;
    LoadWeights<kHalf>(p.panel, k, low, high);
    _mm_prefetch(static_cast<const char*>(p.panel) + k * kWidth * (kHalf ? 2 : 4) + kAhead,
                 _MM_HINT_T0);
#pragma GCC unroll 6
    for (int r = 0; r < kRows; ++r) {
      const __m256 x = _mm256_broadcast_ss(a + r * stride);
      acc[r][0] = _mm256_fmadd_ps(x, low, acc[r][0]);
      acc[r][1] = _mm256_fmadd_ps(x, high, acc[r][1]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    float* c = p.c + r * p.c_stride;
    if (whole) {
      _mm256_storeu_ps(c, acc[r][0]);
      _mm256_storeu_ps(c + kLanes, acc[r][1]);
    } else {
      low_lanes.Store(c, {acc[r][0]});
      high_lanes.Store(c + kLanes, {acc[r][1]});
    }
  }
}

// Rows are spread evenly over the tiles, so that no tile is left with one row at a sixth of the
// speed.
template <bool kHalf>
void MultiplyRows(Product p, size_t rows) {
  using Tile = void (*)(const Product&);
  static constexpr Tile kTiles[kTileRows] = {MultiplyTile<1, kHalf>, MultiplyTile<2, kHalf>,
                                             MultiplyTile<3, kHalf>, MultiplyTile<4, kHalf>,
                                             MultiplyTile<5, kHalf>, MultiplyTile<6, kHalf>};
  const size_t tiles = (rows + kTileRows - 1) / kTileRows;
  for (size_t t = 0, row = 0; t < tiles; ++t) {
    const size_t count = (rows - row + (tiles - t) - 1) / (tiles - t);
    kTiles[count - 1](p);
    p.a += count * p.a_stride;
    p.c += count * p.c_stride;
    row += count;
  }
}

void Multiply(const Product& p, size_t rows, bool half) {
  if (!half) return MultiplyRows<false>(p, rows);
  if (rows <= kFewRows || p.depth > kDepthBlock) return MultiplyRows<true>(p, rows);
  // Many tiles read the block: widening it once is cheaper than in each of them, and exact.
  alignas(64) float wide[kDepthBlock * kWidth];
  for (size_t k = 0; k < p.depth; ++k) {
    __m256 low, high;
    LoadWeights<true>(p.panel, k, low, high);
    _mm256_store_ps(wide + k * kWidth, low);
    _mm256_store_ps(wide + k * kWidth + kLanes, high);
  }
  Product widened = p;
  widened.panel = wide;
  MultiplyRows<false>(widened, rows);
}

void Activate(Activation activation, float* c, size_t stride, size_t rows, size_t width) {
  WithActivation<Vec>(activation, [&](auto function) {
    for (size_t r = 0; r < rows; ++r) MapRow(c + r * stride, width, function);
  });
}

// Rows [row, row + rows) of the product.
void LinearRows(const PanelMatrix& w, const float* x, size_t x_stride, Activation activation,
                const MatrixView& y, size_t row, size_t rows, ColumnRange columns) {
  // With few rows a panel is read a few times only: front to back is then the best order.
  const size_t step = rows <= kFewRows ? w.inputs : kDepthBlock;
  const size_t element = w.half ? 2 : 4;
  for (size_t k = 0; k < w.inputs; k += step) {
    const size_t depth = Smaller(step, w.inputs - k);
    for (size_t column = columns.begin; column < columns.end; column += kWidth) {
      const char* panel =
          static_cast<const char*>(w.panels) + (column * w.inputs + k * kWidth) * element;
      float* c = y.data + row * y.stride + column;
      const size_t width = Smaller(kWidth, columns.end - column);
      Multiply({x + row * x_stride + k, x_stride, panel, w.bias + column, k == 0, depth, c,
                y.stride, width},
               rows, w.half);
      if (k + depth == w.inputs) Activate(activation, c, y.stride, rows, width);
    }
  }
}

void LinearColumns(const PanelMatrix& weights, ConstMatrixView x, Activation activation,
                   MatrixView y, ColumnRange columns) {
  for (size_t row = 0; row < x.rows; row += kRowBlock) {
    LinearRows(weights, x.data, x.stride, activation, y, row, Smaller(kRowBlock, x.rows - row),
               columns);
  }
}

// row ← exp(row * scale - max), returns 1 / its sum.
float ExpRow(float* row, size_t count, float scale) {
  const Vec factor = Vec::Set(scale), lowest = Vec::Set(-3.4028235e38f);
  const size_t whole = count / kLanes * kLanes;
  const Lanes tail(count - whole);
  Vec highest = lowest;
  for (size_t i = 0; i < whole; i += kLanes) highest = Max(Vec::Load(row + i) * factor, highest);
  if (whole < count) highest = Max(tail.Select(tail.Load(row + whole) * factor, lowest), highest);
  const Vec max = Vec::Set(MaxLanes(highest));
  Vec sum = Vec::Set(0.0f);
  for (size_t i = 0; i < whole; i += kLanes) {
    const Vec e = Exp(Vec::Load(row + i) * factor - max);
    Store(row + i, e);
    sum = sum + e;
  }
  if (whole < count) {
    const Vec e = tail.Select(Exp(tail.Load(row + whole) * factor - max), Vec::Set(0.0f));
    tail.Store(row + whole, e);
    sum = sum + e;
  }
  return 1.0f / SumLanes(sum);
}

// One head: keys transposed to panels [n / 16][head_size][16], values in panels [head_size /
// 16][n][16].
class HeadPanels {
 public:
  HeadPanels(size_t keys, size_t head_size)
      : keys_(keys),
        size_(head_size),
        keys_padded_(RoundUp(keys, kWidth)),
        k_(keys_padded_ * head_size),
        v_(RoundUp(head_size, kWidth) * keys) {}

  void Fill(const float* k, size_t k_stride, const float* v, size_t v_stride) {
    for (size_t t = 0; t < keys_padded_; ++t) {
      float* to = k_.data() + t / kWidth * kWidth * size_ + t % kWidth;
      for (size_t i = 0; i < size_; ++i) to[i * kWidth] = t < keys_ ? k[t * k_stride + i] : 0.0f;
    }
    for (size_t i = 0; i < size_; i += kWidth) {
      const size_t width = Smaller(kWidth, size_ - i);
      const Lanes low(width), high(width > kLanes ? width - kLanes : 0);
      float* to = v_.data() + i * keys_;
      for (size_t t = 0; t < keys_; ++t, to += kWidth) {
        Store(to, low.Load(v + t * v_stride + i));
        Store(to + kLanes, high.Load(v + t * v_stride + i + kLanes));
      }
    }
  }

  size_t keys_padded() const { return keys_padded_; }
  const float* key_panel(size_t key) const { return k_.data() + key * size_; }
  const float* value_panel(size_t column) const { return v_.data() + column * keys_; }

 private:
  size_t keys_, size_, keys_padded_;
  Scratch k_, v_;
};

void Attention(const AttentionArgs& args, size_t query_begin, size_t query_end) {
  const size_t keys = args.k.rows, size = args.head_size;
  HeadPanels panels(keys, size);
  const size_t stride = panels.keys_padded() + kWidth;  // off the powers of two
  const Scratch scores(Smaller(kQueryBlock, query_end - query_begin) * stride);
  static constexpr float kNoBias[kWidth] = {};
  for (size_t h = 0; h < args.heads; ++h) {
    const size_t at = h * size;
    panels.Fill(args.k.data + at, args.k.stride, args.v.data + at, args.v.stride);
    for (size_t q = query_begin; q < query_end; q += kQueryBlock) {
      const size_t rows = Smaller(kQueryBlock, query_end - q);
      const float* queries = args.q.data + q * args.q.stride + at;
      for (size_t key = 0; key < keys; key += kWidth) {
        Multiply({queries, args.q.stride, panels.key_panel(key), kNoBias, true, size,
                  scores.data() + key, stride, kWidth},
                 rows, false);
      }
      float inverse[kQueryBlock];
      for (size_t r = 0; r < rows; ++r) {
        inverse[r] = ExpRow(scores.data() + r * stride, keys, args.scale);
      }
      float* out = args.out.data + q * args.out.stride + at;
      for (size_t i = 0; i < size; i += kWidth) {
        Multiply({scores.data(), stride, panels.value_panel(i), kNoBias, true, keys, out + i,
                  args.out.stride, Smaller(kWidth, size - i)},
                 rows, false);
      }
      for (size_t r = 0; r < rows; ++r) {
        const Vec factor = Vec::Set(inverse[r]);
        MapRow(out + r * args.out.stride, size, [&](Vec x) { return x * factor; });
      }
    }
  }
}

// Sum over i < count of term(vector of row at i); lanes past the end count as 0.
template <typename Term>
inline float SumRow(const float* row, size_t count, const Term& term) {
  Vec sum = Vec::Set(0.0f);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sum = sum + term(Vec::Load(row + i));
  if (i < count) {
    const Lanes tail(count - i);
    sum = sum + tail.Select(term(tail.Load(row + i)), Vec::Set(0.0f));
  }
  return SumLanes(sum);
}

void AddRows(const float* a, const float* b, size_t count, float* to) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(to + i, Vec::Load(a + i) + Vec::Load(b + i));
  for (; i < count; ++i) to[i] = a[i] + b[i];
}

void CopyRow(const float* a, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = a[i];
}

void AddLayerNorm(const LayerNormArgs& args) {
  const size_t count = args.x.cols;
  for (size_t r = 0; r < args.x.rows; ++r) {
    const float* x = args.x.data + r * args.x.stride;
    float* y = args.y.data + r * args.y.stride;
    if (args.residual.data != nullptr) {
      AddRows(x, args.residual.data + r * args.residual.stride, count, y);
    } else if (x != y) {
      CopyRow(x, count, y);
    }
    const float mean = SumRow(y, count, [](Vec v) { return v; }) / static_cast<float>(count);
    const Vec centre = Vec::Set(mean);
    const float squares = SumRow(y, count, [&](Vec v) { return (v - centre) * (v - centre); });
    const float variance = squares / static_cast<float>(count);
    const float deviation = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(variance + args.eps)));
    const Vec scale = Vec::Set(1.0f / deviation);
    size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      Store(y + i, Fma((Vec::Load(y + i) - centre) * scale, Vec::Load(args.gamma + i),
                       Vec::Load(args.beta + i)));
    }
    if (i < count) {
      const Lanes tail(count - i);
      tail.Store(y + i, Fma((tail.Load(y + i) - centre) * scale, tail.Load(args.gamma + i),
                            tail.Load(args.beta + i)));
    }
  }
}

}  // namespace

const PanelKernels kAvx2Kernels = {kWidth, LinearColumns, Attention, AddLayerNorm};

}  // namespace radie::kernels
