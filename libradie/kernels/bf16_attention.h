// Attention with both products in bf16, fp32 sums and an fp32 softmax; for files compiled for
// AVX-512 BF16 that have faster products than its own.
//
// An exponential turns a score's absolute error into a weight's relative one, so scores need more
// than bf16: queries and keys are two numbers of bf16 each, what rounding gives and what it leaves,
// and of their four products the three that count are summed (about 2^-17 of each term is lost).
// Values and the softmax's numerators are rounded to bf16; its sum is taken before that. An element
// is one chain of sums in a fixed order, so neither the block that a query stands in nor the other
// queries change its bits.
//
// A Products type names Begin() and End(), called round all products of a call, and Multiply(const
// Bf16Product&). Keys and values lie in panels of 32 as in panels.h, filled up with zeros to whole
// lines of inputs.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "libradie/kernels/avx512_bf16_rows.h"
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/panels.h"
#include "libradie/kernels/row_kernels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

// c[rows, 32] = the parts' sum of a[rows, 32 · lines] · panel[16 · lines][32][2]. `a` and `c` have
// room for kQueryBlock rows, whatever `rows` is; those beyond hold anything.
struct Bf16Product {
  struct Part {
    const std::byte *a, *panel;
  };
  const Part* parts;
  std::size_t count;     // of parts
  std::size_t a_stride;  // bytes
  std::size_t lines;
  float* c;
  std::size_t c_stride;  // floats
  std::size_t rows;
};

template <typename Products>
class Bf16Attention {
 public:
  static void Run(const AttentionArgs& args, std::size_t query_begin, std::size_t query_end) {
    Bf16Attention attention(args.k.rows, args.head_size);
    attention.Use(args.scratch);
    Products::Begin();
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = head * args.head_size;
      attention.FillKeys(args.k.data + at, args.k.stride);
      attention.FillValues(args.v.data + at, args.v.stride);
      for (size_t q = query_begin; q < query_end; q += kQueryBlock) {
        const size_t rows = Smaller<Vec>(kQueryBlock, query_end - q);
        attention.Block(args.q.data + q * args.q.stride + at, args.q.stride, rows, args.scale,
                        args.out.data + q * args.out.stride + at, args.out.stride);
      }
    }
    Products::End();
  }

  // A group's own keys take none.
  static std::size_t Bytes(std::size_t keys, std::size_t /*own*/, std::size_t head_size) {
    return Bf16Attention(keys, head_size).ScratchBytes();
  }

  // GroupAttentionArgs. What a group's own keys add is computed by themselves, in fp32 (of values
  // and weights rounded to bf16); the text's share of as many queries at once as a block takes.
  static void RunGroups(const GroupAttentionArgs& args, std::size_t begin, std::size_t end) {
    const AttentionArgs& all = args.all;
    Bf16Attention attention(args.text, all.head_size);
    attention.Use(all.scratch);
    Products::Begin();
    for (size_t head = 0; head < all.heads; ++head) {
      const size_t at = head * all.head_size;
      attention.FillKeys(all.k.data + at, all.k.stride);
      attention.FillValues(all.v.data + at, all.v.stride);
      for (size_t first = begin, last = begin; first < end; first = last) {
        const size_t row = args.queries[first];
        while (last < end && args.queries[last + 1] - row <= kQueryBlock) ++last;
        attention.GroupBlock(args, at, first, last);
      }
    }
    Products::End();
  }

  static constexpr std::size_t kQueryBlock = 32;  // queries whose scores are held at once

 private:
  using size_t = std::size_t;

  static constexpr size_t kPanel = 32;
  static constexpr size_t kGroupBytes = kPanel * 4;  // of a panel: two inputs for each output
  static constexpr size_t kRowPairs = kCacheLine / 4;

  // Bytes from row to row of bf16: an odd number of lines, as in PanelSet::PreparedBytes.
  static size_t RowBytes(size_t lines) { return (lines | 1) * kCacheLine; }

  Bf16Attention(size_t keys, size_t head_size)
      : keys_(keys),
        size_(head_size),
        key_lines_((keys_ + kPanel - 1) / kPanel),
        size_lines_((size_ + kPanel - 1) / kPanel),
        score_stride_(key_lines_ * kPanel + kCacheLine / 4),
        out_stride_(size_lines_ * kPanel + kCacheLine / 4) {}

  // ScratchBytes() to work in; before anything else.
  void Use(void* scratch) {
    auto* next = static_cast<std::byte*>(scratch);
    const auto take = [&next](size_t bytes) {
      std::byte* const begin = next;
      next += bytes;
      return begin;
    };
    k_ = take(2 * PanelBytes());
    v_ = take(PanelBytes());
    q_ = take(kQueryBlock * RowBytes(2 * size_lines_));
    weights_ = take(kQueryBlock * RowBytes(key_lines_));
    scores_ = reinterpret_cast<float*>(take(kQueryBlock * score_stride_ * sizeof(float)));
    out_ = reinterpret_cast<float*>(take(kQueryBlock * out_stride_ * sizeof(float)));
  }

  // Of all keys of one head as rounded, or what that leaves, or of its values.
  size_t PanelBytes() const { return key_lines_ * kPanel * size_lines_ * kPanel * 2; }

  size_t ScratchBytes() const {
    const size_t rows = RowBytes(2 * size_lines_) + RowBytes(key_lines_);
    return 3 * PanelBytes() + kQueryBlock * (rows + (score_stride_ + out_stride_) * sizeof(float));
  }

  // Rows and columns of sixteen times sixteen pairs of bf16 change places.
  static inline __attribute__((always_inline)) void Transpose(__m512i (&r)[16]) {
    __m512i t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
      t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
      t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {  // r[i + j]: column 4 · lane + j of rows i to i + 3
      r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
      r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
      r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
      r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const __m512i even = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88);
      const __m512i odd = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd);
      const __m512i even_below = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
      const __m512i odd_below = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
      t[j] = _mm512_shuffle_i32x4(even, even_below, 0x88);
      t[4 + j] = _mm512_shuffle_i32x4(odd, odd_below, 0x88);
      t[8 + j] = _mm512_shuffle_i32x4(even, even_below, 0xdd);
      t[12 + j] = _mm512_shuffle_i32x4(odd, odd_below, 0xdd);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) r[i] = t[i];
  }

  // The panels' outputs are keys, their inputs a head's values.
  void FillKeys(const float* k, size_t stride) {
    for (size_t key = 0; key < key_lines_ * kPanel; key += kRowPairs) {
      const size_t at = key % kPanel * 4;
      for (size_t i = 0; i < size_; i += kPanel) {
        FillSixteenKeys<false>(k + i, stride, key, size_ - i,
                               KeyPanel(key / kPanel) + at + i / 2 * kGroupBytes);
        FillSixteenKeys<true>(k + i, stride, key, size_ - i,
                              KeyRestPanel(key / kPanel) + at + i / 2 * kGroupBytes);
      }
    }
  }

  // A line of inputs of sixteen keys from `key` on.
  template <bool kRest>
  void FillSixteenKeys(const float* k, size_t stride, size_t key, size_t count, std::byte* panel) {
    __m512i pairs[16];
#pragma GCC unroll 16
    for (size_t t = 0; t < 16; ++t) {
      pairs[t] = key + t < keys_ ? LoadNarrow<kRest>(k + (key + t) * stride, count)
                                 : _mm512_setzero_si512();
    }
    Transpose(pairs);
#pragma GCC unroll 16
    for (size_t p = 0; p < 16; ++p) _mm512_store_si512(panel + p * kGroupBytes, pairs[p]);
  }

  // The panels' outputs are a head's values, their inputs keys.
  void FillValues(const float* v, size_t stride) {
    alignas(64) static constexpr unsigned short kInterleave[32] = {
        0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
        8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i interleave = _mm512_load_si512(kInterleave);
    for (size_t i = 0; i < size_; i += Vec::kLanes) {
      std::byte* to = ValuePanel(i / kPanel) + i % kPanel * 4;
      const Lanes lanes(size_ - i);
      for (size_t key = 0; key < key_lines_ * kPanel; key += 2, to += kGroupBytes) {
        const Vec zero = Vec::Set(0.0f);
        const Vec first = key < keys_ ? lanes.Load(v + key * stride + i) : zero;
        const Vec second = key + 1 < keys_ ? lanes.Load(v + (key + 1) * stride + i) : zero;
        const __m512bh both = _mm512_cvtne2ps_pbh(second.v, first.v);
        _mm512_store_si512(to,
                           _mm512_permutexvar_epi16(interleave, reinterpret_cast<__m512i>(both)));
      }
    }
    if (size_ % kPanel == 0 || size_ % kPanel > Vec::kLanes) return;
    std::byte* to = ValuePanel(size_lines_ - 1) + kCacheLine;  // sixteen outputs that none are of
    for (size_t key = 0; key < key_lines_ * kPanel; key += 2, to += kGroupBytes) {
      _mm512_store_si512(to, _mm512_setzero_si512());
    }
  }

  // 2^x within 2.7e-6 of it, which bf16 does not tell from exact: 2^⌊x⌋ · 2^(x - ⌊x⌋), the latter a
  // minimax polynomial.
  static Vec ShortExp2(Vec x) {
    static constexpr float kFraction[] = {1.00000262f, 0.693003833f, 0.241442755f, 0.0520114601f,
                                          0.0135341678f};
    const Vec fraction = {_mm512_reduce_ps(x.v, _MM_FROUND_TO_NEG_INF)};
    return {_mm512_scalef_ps(Polynomial(fraction, kFraction).v, x.v)};  // takes ⌊x⌋ itself
  }

  // Highest of scores · factor, NaNs left out. Two chains: one would wait for itself.
  float Highest(const float* scores, Vec factor) const {
    const Vec lowest = Vec::Set(-3.4028235e38f);
    Vec low = lowest, high = lowest;
    size_t i = 0;
    for (; i + kPanel <= keys_; i += kPanel) {
      low = Max(Vec::Load(scores + i) * factor, low);
      high = Max(Vec::Load(scores + i + Vec::kLanes) * factor, high);
    }
    const size_t left = keys_ - i;
    if (left == 0) return MaxLanes(Max(low, high));
    const Vec first = Vec::Load(scores + i) * factor;
    const Vec second = Vec::Load(scores + i + Vec::kLanes) * factor;
    low = Max(Lanes(left).Select(first, lowest), low);
    high = Max(Lanes(left > Vec::kLanes ? left - Vec::kLanes : 0).Select(second, lowest), high);
    return MaxLanes(Max(low, high));
  }

  // row of bf16 ← exp(scores · scale - highest), then zeros; returns 1 / the sum. `own`: scores of
  // `own_count` more keys, which become their weights, rounded; there is room for a vector of them.
  float Weights(const float* scores, float scale, std::byte* row, float* own = nullptr,
                size_t own_count = 0) const {
    constexpr float kLog2E = 1.44269504f;
    const Vec factor = Vec::Set(scale * kLog2E), zero = Vec::Set(0.0f);
    float highest = Highest(scores, factor);
    if (own_count > 0) {
      const Vec lowest = Vec::Set(highest);
      const Vec more = Lanes(own_count).Select(Vec::Load(own) * factor, lowest);
      highest = MaxLanes(Max(more, lowest));
    }
    const Vec offset = Vec::Set(-highest);
    const auto weight = [&](const float* p) {
      return ShortExp2(Fma(Vec::Load(p), factor, offset));
    };
    Vec low_sum = zero, high_sum = zero;
    if (own_count > 0) {
      low_sum = Lanes(own_count).Select(weight(own), zero);
      Store(own, Rounded(low_sum));
    }
    for (size_t i = 0; i < keys_; i += kPanel) {
      Vec low = weight(scores + i), high = weight(scores + i + Vec::kLanes);
      if (const size_t left = keys_ - i; left < kPanel) {
        low = Lanes(left).Select(low, zero);
        high = Lanes(left > Vec::kLanes ? left - Vec::kLanes : 0).Select(high, zero);
      }
      low_sum = low_sum + low;
      high_sum = high_sum + high;
      const __m512bh both = _mm512_cvtne2ps_pbh(high.v, low.v);
      _mm512_store_si512(row + i * 2, reinterpret_cast<__m512i>(both));
    }
    return 1.0f / SumLanes(low_sum + high_sum);
  }

  // scores_ ← queries by the keys of the head whose panels are filled.
  void Scores(const float* queries, size_t stride, size_t rows) {
    const size_t q_bytes = RowBytes(2 * size_lines_);
    std::byte* const q_rest = q_ + size_lines_ * kCacheLine;
    for (size_t r = 0; r < rows; ++r) {
      for (size_t i = 0; i < size_; i += kPanel) {
        const float* const from = queries + r * stride + i;
        const size_t at = r * q_bytes + i * 2;
        _mm512_store_si512(q_ + at, LoadNarrow(from, size_ - i));
        _mm512_store_si512(q_rest + at, LoadNarrow<true>(from, size_ - i));
      }
    }
    for (size_t line = 0; line < key_lines_; ++line) {
      const Bf16Product::Part parts[] = {
          {q_, KeyPanel(line)}, {q_rest, KeyPanel(line)}, {q_, KeyRestPanel(line)}};
      Products::Multiply(
          {parts, 3, q_bytes, size_lines_, scores_ + line * kPanel, score_stride_, rows});
    }
  }

  // out_ ← weights_ by the values.
  void Values(size_t rows) {
    for (size_t line = 0; line < size_lines_; ++line) {
      const Bf16Product::Part part = {weights_, ValuePanel(line)};
      Products::Multiply(
          {&part, 1, RowBytes(key_lines_), key_lines_, out_ + line * kPanel, out_stride_, rows});
    }
  }

  // Up to kQueryBlock queries.
  void Block(const float* queries, size_t query_stride, size_t rows, float scale, float* out,
             size_t out_stride) {
    Scores(queries, query_stride, rows);
    float inverse[kQueryBlock];
    for (size_t r = 0; r < rows; ++r) {
      inverse[r] = Weights(scores_ + r * score_stride_, scale, weights_ + r * RowBytes(key_lines_));
    }
    Values(rows);
    for (size_t r = 0; r < rows; ++r) {
      const Vec factor = Vec::Set(inverse[r]);
      for (size_t i = 0; i < size_; i += Vec::kLanes) {
        Lanes(size_ - i).Store(out + r * out_stride + i,
                               Vec::Load(out_ + r * out_stride_ + i) * factor);
      }
    }
  }

  float Score(const float* query, const float* key) const {
    Vec sum = Vec::Set(0.0f);
    for (size_t i = 0; i < size_; i += Vec::kLanes) {
      const Lanes lanes(size_ - i);
      sum = Fma(lanes.Load(query + i), lanes.Load(key + i), sum);
    }
    return SumLanes(sum);
  }

  // Groups [first, last), of no more queries than a block has; `at`: the head's first column.
  void GroupBlock(const GroupAttentionArgs& args, size_t at, size_t first, size_t last) {
    const AttentionArgs& all = args.all;
    const size_t row = args.queries[first];
    const float* const queries = all.q.data + row * all.q.stride + at;
    Scores(queries, all.q.stride, args.queries[last] - row);
    alignas(64) float own[kQueryBlock][Vec::kLanes] = {};  // scores, then weights
    float inverse[kQueryBlock];
    for (size_t g = first; g < last; ++g) {
      const float* k = all.k.data + (args.text + g * args.own) * all.k.stride + at;
      for (size_t r = args.queries[g] - row; r < args.queries[g + 1] - row; ++r) {
        for (size_t j = 0; j < args.own; ++j) {
          own[r][j] = Score(queries + r * all.q.stride, k + j * all.k.stride);
        }
        inverse[r] = Weights(scores_ + r * score_stride_, all.scale,
                             weights_ + r * RowBytes(key_lines_), own[r], args.own);
      }
    }
    Values(args.queries[last] - row);
    for (size_t g = first; g < last; ++g) {
      const float* v = all.v.data + (args.text + g * args.own) * all.v.stride + at;
      for (size_t r = args.queries[g] - row; r < args.queries[g + 1] - row; ++r) {
        FinishRow(r, own[r], v, args, inverse[r], all.out.data + (row + r) * all.out.stride + at);
      }
    }
  }

  // out ← (out_ + own weights by own values) · factor, of row r.
  void FinishRow(size_t r, const float* own, const float* v, const GroupAttentionArgs& args,
                 float factor, float* out) const {
    for (size_t i = 0; i < size_; i += Vec::kLanes) {
      const Lanes lanes(size_ - i);
      Vec sum = Vec::Load(out_ + r * out_stride_ + i);
      for (size_t j = 0; j < args.own; ++j) {
        const Vec value = Rounded(lanes.Load(v + j * args.all.v.stride + i));
        sum = Fma(Vec::Set(own[j]), value, sum);
      }
      lanes.Store(out + i, sum * Vec::Set(factor));
    }
  }

  std::byte* KeyPanel(size_t line) const {
    return k_ + 2 * line * size_lines_ * kRowPairs * kGroupBytes;
  }
  std::byte* KeyRestPanel(size_t line) const {
    return KeyPanel(line) + size_lines_ * kRowPairs * kGroupBytes;
  }
  std::byte* ValuePanel(size_t line) const {
    return v_ + line * key_lines_ * kRowPairs * kGroupBytes;
  }

  const size_t keys_, size_;
  const size_t key_lines_, size_lines_;  // of 32 values
  const size_t score_stride_, out_stride_;
  std::byte *k_ = nullptr, *v_ = nullptr, *q_ = nullptr, *weights_ = nullptr;
  float *scores_ = nullptr, *out_ = nullptr;
};

}  // namespace
}  // namespace radie::kernels
