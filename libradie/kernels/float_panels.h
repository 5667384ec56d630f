// fp32 products and attention over panels, written once for every ISA: see panels.h on why all of
// it is templates over a type of the including file's own.
//
// An Isa names Vec and Lanes, kTileRows (two accumulators a row; what the registers hold),
// kDepthBlock (inputs between two visits to the outputs), kHalfBlock (the same where fp16 weights
// are widened into a buffer on the stack), kUnroll (inputs a turn of the innermost loop; with few
// instructions besides the products a processor that gives another thread half of its front end is
// still kept busy), kPanelStaysNear (a block of a panel stays in the first-level cache from tile to
// tile) and kRowBlock (rows whose inputs stay in the second-level cache)
#pragma once

#include <cstddef>
#include <utility>

#include "libradie/kernels/fma_loop.h"
#include "libradie/kernels/input_rows.h"
#include "libradie/kernels/panels.h"
#include "libradie/kernels/row_kernels.h"

namespace radie::kernels {

// c[rows, width] = start + a[rows, depth] · panel[depth, 2 vectors]; start is the bias when
// `first`, else what c holds.
template <typename Isa>
struct Product {
  const float* a;
  std::size_t a_stride;
  const void* panel;
  const float* bias;
  bool first;
  std::size_t depth;
  float* c;
  std::size_t c_stride, width;
  NextWeights next = {};
  std::size_t next_step = 0;  // of these, bytes a turn of a tile
};

template <typename Isa>
struct FloatPanels {
  using Vec = typename Isa::Vec;
  using Lanes = typename Isa::Lanes;
  using size_t = std::size_t;

  static constexpr size_t kLanes = Vec::kLanes;
  static constexpr size_t kWidth = 2 * kLanes;
  static constexpr size_t kQueryBlock = 48;  // queries whose scores are held at once
  static constexpr size_t kFewRows = 24;     // up to here reading weights is what costs
  static constexpr size_t kAhead = 1024;     // bytes of prefetch; cold weights go 15 % faster by it
  static constexpr size_t kNextLines = Isa::kUnroll == 1 ? 1 : 2;  // of what comes next, a turn

  template <bool kHalf>
  static inline __attribute__((always_inline)) void LoadWeights(const void* panel, size_t k,
                                                                Vec& low, Vec& high) {
    if constexpr (kHalf) {
      const char* p = static_cast<const char*>(panel) + k * kWidth * 2;
      low = Vec::LoadHalves(p);
      high = Vec::LoadHalves(p + kLanes * 2);
    } else {
      const float* p = static_cast<const float*>(panel) + k * kWidth;
      low = Vec::Load(p);
      high = Vec::Load(p + kLanes);
    }
  }

  // One input: acc[r] += a[r] · its weights. Every loop over accumulators must be unrolled, by
  // pragma or as here: GCC 12 otherwise keeps them in memory, at less than half the speed.
  template <bool kHalf, int kRows, int... kRow>
  static inline __attribute__((always_inline)) void MultiplyInput(
      const InputRows<Vec, kRows>& a, const char* panel, Vec (&acc)[kRows][2],
      std::integer_sequence<int, kRow...>) {
    Vec low, high;
    LoadWeights<kHalf>(panel, 0, low, high);
    const auto add = [&](Vec(&sums)[2], Vec x) __attribute__((always_inline)) {
      AddProduct(sums[0], x, low);
      AddProduct(sums[1], x, high);
    };
    (add(acc[kRow], a.template Spread<kRow>()), ...);
  }

  // kFar: the panel is not in the first-level cache yet.
  template <int kRows, bool kHalf, bool kFar>
  static void MultiplyTile(const Product<Isa>& p) {
    const bool whole = p.width == kWidth;
    const Lanes low_lanes(p.width), high_lanes(p.width > kLanes ? p.width - kLanes : 0);
    Vec acc[kRows][2];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const float* start = p.first ? p.bias : p.c + r * p.c_stride;
      const bool all = whole || p.first;
      acc[r][0] = all ? Vec::Load(start) : low_lanes.Load(start);
      acc[r][1] = all ? Vec::Load(start + kLanes) : high_lanes.Load(start + kLanes);
    }
    InputRows<Vec, kRows> a(p.a, p.a_stride);
    constexpr auto kEachRow = std::make_integer_sequence<int, kRows>();
    const char* panel = static_cast<const char*>(p.panel);
    const char* next = p.next.begin;
    constexpr size_t kStep = kWidth * (kHalf ? 2 : 4), kUnroll = Isa::kUnroll;
    size_t k = 0;
    for (; k + kUnroll <= p.depth; k += kUnroll) {
      if constexpr (kFar) Prefetch<Cache::kFirst>(panel + kAhead, kUnroll * kStep);
      Prefetch<Cache::kSecond>(next, kNextLines * kCacheLine);
#pragma GCC unroll 4
      for (size_t i = 0; i < kUnroll; ++i, a.Next()) {
        MultiplyInput<kHalf>(a, panel + i * kStep, acc, kEachRow);
      }
      panel += kUnroll * kStep;
      next += p.next_step;
    }
    for (; k < p.depth; ++k, a.Next(), panel += kStep) {
      MultiplyInput<kHalf>(a, panel, acc, kEachRow);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      float* c = p.c + r * p.c_stride;
      if (whole) {
        Store(c, acc[r][0]);
        Store(c + kLanes, acc[r][1]);
      } else {
        low_lanes.Store(c, acc[r][0]);
        high_lanes.Store(c + kLanes, acc[r][1]);
      }
    }
  }

  using Tile = void (*)(const Product<Isa>&);

  template <bool kHalf, std::size_t... kRows>
  static constexpr Tile TileOf(size_t rows, bool first, std::index_sequence<kRows...>) {
    constexpr Tile kTiles[][2] = {{MultiplyTile<kRows + 1, kHalf, !Isa::kPanelStaysNear>,
                                   MultiplyTile<kRows + 1, kHalf, true>}...};
    return kTiles[rows - 1][first ? 1 : 0];
  }

  // Rows are spread evenly over the tiles, so that no tile is left with one row at a fraction of
  // the speed.
  template <bool kHalf>
  static void MultiplyRows(Product<Isa> p, size_t rows) {
    const size_t tiles = (rows + Isa::kTileRows - 1) / Isa::kTileRows;
    const size_t slice = FetchedByATile<Vec>(p.next, tiles);
    if (slice == 0) p.next.begin = static_cast<const char*>(p.panel);
    const size_t turns = (p.depth + Isa::kUnroll - 1) / Isa::kUnroll;
    p.next_step = (slice + turns - 1) / turns;
    for (size_t t = 0, row = 0; t < tiles; ++t, p.next.begin += slice) {
      const size_t count = (rows - row + (tiles - t) - 1) / (tiles - t);
      TileOf<kHalf>(count, t == 0, std::make_index_sequence<Isa::kTileRows>())(p);
      p.a += count * p.a_stride;
      p.c += count * p.c_stride;
      row += count;
    }
  }

  static void Multiply(const Product<Isa>& p, size_t rows, bool half) {
    if (!half) return MultiplyRows<false>(p, rows);
    if (rows <= kFewRows || p.depth > Isa::kHalfBlock) return MultiplyRows<true>(p, rows);
    // Many tiles read the block: widening it once is cheaper than in each of them, and exact.
    alignas(64) float wide[Isa::kHalfBlock * kWidth];
    for (size_t k = 0; k < p.depth; ++k) {
      Vec low, high;
      LoadWeights<true>(p.panel, k, low, high);
      Store(wide + k * kWidth, low);
      Store(wide + k * kWidth + kLanes, high);
    }
    Product<Isa> widened = p;
    widened.panel = wide;
    MultiplyRows<false>(widened, rows);
  }

  // The weights of `depth` inputs from k on, for a panel's outputs from `column` on.
  static NextWeights PieceOf(const PanelMatrix& w, size_t column, size_t k, size_t depth) {
    const size_t element = w.dtype == DType::kF16 ? 2 : 4;
    return {static_cast<const char*>(w.panels) + (column * w.inputs + k * kWidth) * element,
            depth * kWidth * element};
  }

  // Rows [row, row + rows) of the product.
  static void LinearRows(const PanelMatrix& w, const float* x, size_t x_stride,
                         Activation activation, const MatrixView& y, size_t row, size_t rows,
                         ColumnRange columns) {
    // With few rows a panel is read a few times only: front to back is then the best order.
    const bool half = w.dtype == DType::kF16;
    const size_t block = half ? Isa::kHalfBlock : Isa::kDepthBlock;
    const size_t step = rows <= kFewRows ? w.inputs : block;
    for (size_t k = 0; k < w.inputs; k += step) {
      const size_t depth = Smaller<Vec>(step, w.inputs - k), next_k = k + depth;
      for (size_t column = columns.begin; column < columns.end; column += kWidth) {
        NextWeights next;
        if (column + kWidth < columns.end) {
          next = PieceOf(w, column + kWidth, k, depth);
        } else if (next_k < w.inputs) {
          next = PieceOf(w, columns.begin, next_k, Smaller<Vec>(step, w.inputs - next_k));
        } else if (columns.next >= columns.end) {
          next = PieceOf(w, columns.next, 0, Smaller<Vec>(step, w.inputs));
        }
        float* c = y.data + row * y.stride + column;
        const size_t width = Smaller<Vec>(kWidth, columns.end - column);
        Multiply({x + row * x_stride + k, x_stride, PieceOf(w, column, k, depth).begin,
                  w.bias + column, k == 0, depth, c, y.stride, width, next},
                 rows, half);
        if (next_k == w.inputs) ActivateRows<Vec, Lanes>(activation, c, y.stride, rows, width);
      }
    }
  }

  static void LinearColumns(const PanelMatrix& weights, const Operand& x, Activation activation,
                            MatrixView y, ColumnRange columns) {
    for (size_t row = 0; row < x.rows; row += Isa::kRowBlock) {
      LinearRows(weights, static_cast<const float*>(x.data), x.stride / sizeof(float), activation,
                 y, row, Smaller<Vec>(Isa::kRowBlock, x.rows - row), columns);
    }
  }

  // One head: keys transposed to panels [n / width][head_size][width], values in panels [head_size
  // / width][n][width].
  class HeadPanels {
   public:
    // Of `memory`, Floats() from where it points, past which it is moved; 64-byte aligned.
    HeadPanels(size_t keys, size_t head_size, float** memory)
        : keys_(keys),
          size_(head_size),
          keys_padded_(RoundUp<Vec>(keys, kWidth)),
          k_(*memory),
          v_(k_ + keys_padded_ * head_size) {
      *memory += Floats(keys, head_size);
    }

    static size_t Floats(size_t keys, size_t head_size) {
      return RoundUp<Vec>(keys, kWidth) * head_size + RoundUp<Vec>(head_size, kWidth) * keys;
    }

    void FillKeys(const float* k, size_t stride) {
      for (size_t t = 0; t < keys_padded_; ++t) {
        float* to = k_ + t / kWidth * kWidth * size_ + t % kWidth;
        for (size_t i = 0; i < size_; ++i) to[i * kWidth] = t < keys_ ? k[t * stride + i] : 0.0f;
      }
    }

    void FillValues(const float* v, size_t stride) {
      for (size_t i = 0; i < size_; i += kWidth) {
        const size_t width = Smaller<Vec>(kWidth, size_ - i);
        const Lanes low(width), high(width > kLanes ? width - kLanes : 0);
        float* to = v_ + i * keys_;
        for (size_t t = 0; t < keys_; ++t, to += kWidth) {
          Store(to, low.Load(v + t * stride + i));
          Store(to + kLanes, high.Load(v + t * stride + i + kLanes));
        }
      }
    }

    // scores[rows, keys_padded()] = q k^T.
    void Scores(const float* q, size_t q_stride, float* scores, size_t stride, size_t rows) const {
      static constexpr float kNoBias[kWidth] = {};
      for (size_t key = 0; key < keys_padded_; key += kWidth) {
        Multiply(
            {q, q_stride, k_ + key * size_, kNoBias, true, size_, scores + key, stride, kWidth},
            rows, false);
      }
    }

    // out[rows, head_size] = weights v, or is added to if `more`.
    void Values(const float* weights, size_t stride, bool more, float* out, size_t out_stride,
                size_t rows) const {
      static constexpr float kNoBias[kWidth] = {};
      for (size_t i = 0; i < size_; i += kWidth) {
        Multiply({weights, stride, v_ + i * keys_, kNoBias, !more, keys_, out + i, out_stride,
                  Smaller<Vec>(kWidth, size_ - i)},
                 rows, false);
      }
    }

   private:
    size_t keys_, size_, keys_padded_;
    float *k_, *v_;
  };

  // Of a row of scores; off the powers of two.
  static size_t ScoreStride(size_t keys, size_t own) {
    return RoundUp<Vec>(keys, kWidth) + RoundUp<Vec>(own, kWidth) + kWidth;
  }

  static size_t AttentionBytes(size_t keys, size_t own, size_t size) {
    return (HeadPanels::Floats(keys, size) + HeadPanels::Floats(own, size) +
            kQueryBlock * ScoreStride(keys, own)) *
           sizeof(float);
  }

  static void Attention(const AttentionArgs& args, size_t query_begin, size_t query_end) {
    const size_t keys = args.k.rows, size = args.head_size, stride = ScoreStride(keys, 0);
    float* memory = static_cast<float*>(args.scratch);
    HeadPanels panels(keys, size, &memory);
    float* const scores = memory;
    for (size_t h = 0; h < args.heads; ++h) {
      const size_t at = h * size;
      panels.FillKeys(args.k.data + at, args.k.stride);
      panels.FillValues(args.v.data + at, args.v.stride);
      for (size_t q = query_begin; q < query_end; q += kQueryBlock) {
        const size_t rows = Smaller<Vec>(kQueryBlock, query_end - q);
        panels.Scores(args.q.data + q * args.q.stride + at, args.q.stride, scores, stride, rows);
        float inverse[kQueryBlock];
        ExpRows(scores, stride, rows, keys, args.scale, inverse);
        float* out = args.out.data + q * args.out.stride + at;
        panels.Values(scores, stride, false, out, args.out.stride, rows);
        ScaleRows(out, args.out.stride, rows, size, inverse);
      }
    }
  }

  static void ExpRows(float* scores, size_t stride, size_t rows, size_t keys, float scale,
                      float* inverse) {
    for (size_t r = 0; r < rows; ++r) {
      inverse[r] = ExpRow<Vec, Lanes>(scores + r * stride, keys, scale);
    }
  }

  static void ScaleRows(float* out, size_t stride, size_t rows, size_t size, const float* factors) {
    for (size_t r = 0; r < rows; ++r) {
      const Vec factor = Vec::Set(factors[r]);
      MapRow<Vec, Lanes>(out + r * stride, size, [&](Vec x) { return x * factor; });
    }
  }

  // Bit for bit what Attention gives a group's queries where the group's keys and values stand
  // right behind the text's: a product's chain only pauses between the two.
  static void AttendGroups(const GroupAttentionArgs& args, size_t begin, size_t end) {
    const AttentionArgs& all = args.all;
    const size_t size = all.head_size, keys = args.text + args.own;
    const size_t stride = ScoreStride(args.text, args.own);
    float* memory = static_cast<float*>(all.scratch);
    HeadPanels text(args.text, size, &memory), own(args.own, size, &memory);
    float* const scores = memory;
    for (size_t h = 0; h < all.heads; ++h) {
      const size_t at = h * size;
      const float *k = all.k.data + at, *v = all.v.data + at;
      text.FillKeys(k, all.k.stride);
      text.FillValues(v, all.v.stride);
      for (size_t first = begin, last = begin; first < end; first = last) {
        const size_t row = args.queries[first];
        while (last < end && args.queries[last + 1] - row <= kQueryBlock) ++last;
        const size_t rows = args.queries[last] - row;
        const float* q = all.q.data + row * all.q.stride + at;
        float* out = all.out.data + row * all.out.stride + at;
        // body(its first row in the block, rows, its first key)
        const auto for_each_group = [&](const auto& body) {
          for (size_t g = first; g < last; ++g) {
            body(args.queries[g] - row, args.queries[g + 1] - args.queries[g],
                 args.text + g * args.own);
          }
        };
        text.Scores(q, all.q.stride, scores, stride, rows);
        for_each_group([&](size_t r, size_t count, size_t key) {
          own.FillKeys(k + key * all.k.stride, all.k.stride);
          own.Scores(q + r * all.q.stride, all.q.stride, scores + r * stride + args.text, stride,
                     count);
        });
        float inverse[kQueryBlock];
        ExpRows(scores, stride, rows, keys, all.scale, inverse);
        text.Values(scores, stride, false, out, all.out.stride, rows);
        for_each_group([&](size_t r, size_t count, size_t key) {
          own.FillValues(v + key * all.v.stride, all.v.stride);
          own.Values(scores + r * stride + args.text, stride, true, out + r * all.out.stride,
                     all.out.stride, count);
        });
        ScaleRows(out, all.out.stride, rows, size, inverse);
      }
    }
  }

  using Chains = FmaChains<Vec, 12>;

  static constexpr FloatKernels kTable = {kWidth,
                                          LinearColumns,
                                          AttentionBytes,
                                          Attention,
                                          AttendGroups,
                                          AddLayerNormRows<Vec, Lanes>,
                                          {Chains::kValues, Chains::Run}};
};

}  // namespace radie::kernels
