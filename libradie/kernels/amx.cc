// int8 and bf16 products with Intel AMX. Prepared rows and panels are those of AVX-512 VNNI and
// BF16; int8 results are theirs bit for bit, as the sums are exact.
#include "libradie/kernels/amx_ending.h"
#include "libradie/kernels/amx_tiles.h"
#include "libradie/kernels/avx512_bf16_rows.h"
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/bf16_attention.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {

using std::size_t;

struct Int8 {
  using Row = Int8Row<Vec>;
  static constexpr size_t kHeader = kCacheLine, kGroup = 4;

  template <bool kSecond>
  static inline __attribute__((always_inline)) void Multiply() {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    if constexpr (kSecond) {
      _tile_dpbusd(2, 5, 6);
      _tile_dpbusd(3, 5, 7);
    }
  }

  static Vec Finish(const Row& row, const void* sums, const PanelEnd& end, size_t at) {
    const __m512i offset =
        _mm512_mullo_epi32(_mm512_set1_epi32(row.zero()), _mm512_loadu_si512(end.sums + at));
    const __m512i exact = _mm512_sub_epi32(_mm512_load_si512(sums), offset);
    return row.End({_mm512_cvtepi32_ps(exact)}, end, at);
  }
};

// Up to 32 rows by 32 outputs, for which the tiles are set up.
struct Block {
  const char* panel;
  size_t steps;  // of 64 bytes of inputs
  BlockEnd end;
};

// Two blocks' sums: the next one's come to where the one before the last had them.
struct Sums {
  alignas(64) char bytes[2][kWidth * kPanelStride + 8 * kCacheLine];  // not 4 KiB apart
  size_t current = 0;
};

// Fetches what comes next, cache line by cache line, evenly over so many steps.
class Fetching {
 public:
  Fetching(const NextWeights& next, size_t steps)
      : at_(next.begin),
        end_(next.begin + next.bytes),
        lines_a_step_(steps == 0 ? 0 : (next.bytes / kCacheLine + steps - 1) / steps) {}

  inline __attribute__((always_inline)) void Step() {
    for (size_t i = 0; i < lines_a_step_ && at_ < end_; ++i, at_ += kCacheLine) {
      _mm_prefetch(at_, _MM_HINT_T1);
    }
  }

 private:
  const char *at_, *end_;
  size_t lines_a_step_;
};

// Adds the products of up to 32 rows (with kSecond, else 16) of `a` by a panel's 32 outputs to the
// tiles of sums. Calls beside() at each step, while the tiles multiply.
template <typename Type, bool kSecond, typename Beside>
inline __attribute__((always_inline)) void AddProducts(const char* a, size_t a_stride,
                                                       const char* panel, size_t steps,
                                                       const Beside& beside) {
  BeforeLoads();
  for (size_t step = 0; step < steps; ++step) {
    LoadInputs<kSecond>(a, a_stride);
    LoadWeights(panel);
    Type::template Multiply<kSecond>();
    beside();
    a += kTileBytes;
    panel += kPanelStep;
  }
}

// The block's sums, into `sums`.
template <typename Type, bool kSecond, typename Beside>
inline __attribute__((always_inline)) void MultiplyTiles(const Block& b, char* sums,
                                                         const Beside& beside) {
  ZeroSums<kSecond>();
  AddProducts<Type, kSecond>(b.end.a, b.end.a_stride, b.panel, b.steps, beside);
  StoreSums<kSecond>(sums, kPanelStride);
}

template <typename Type>
void MultiplyBlock(Block b, Sums& all, Ending<Type>& last, Fetching& fetching) {
  char* const sums = all.bytes[all.current ^= 1];
  b.end.sums = sums;
  if (b.end.rows > kTile) {
    MultiplyTiles<Type, true>(b, sums, [&last, &fetching] {
      last.Step();
      fetching.Step();
    });
    last.Finish();
    last.Begin(b.end, b.steps);
  } else {  // bound by loading weights: it only lengthens the loop to end a block meanwhile
    last.Finish();
    MultiplyTiles<Type, false>(b, sums, [] {});
    last.Begin(b.end, 1);
    last.Finish();
  }
}

template <typename Type>
void LinearColumns(const PanelMatrix& weights, const Operand& x, Activation activation,
                   MatrixView y, ColumnRange columns) {
  const size_t steps = weights.depth * (4 / Type::kGroup) / kTileBytes;
  const auto panel_of = [&](size_t column) {
    return static_cast<const char*>(weights.panels) + column * steps * kTileBytes;
  };
  const size_t panels = (columns.end - columns.begin + kWidth - 1) / kWidth;
  NextWeights next;  // with one block of rows only, this task's own weights take all of the memory
  if (x.rows > kWidth && columns.next >= columns.end) {
    const size_t end = Smaller<Vec>(columns.next + panels * kWidth, weights.outputs);
    next = {panel_of(columns.next), RoundUp<Vec>(end - columns.next, kWidth) * steps * kTileBytes};
  }
  Fetching fetching(next, panels * steps * ((x.rows + kWidth - 1) / kWidth));
  Sums sums;
  Ending<Type> ending(activation);
  size_t configured = 0;
  for (size_t row = 0; row < x.rows; row += kWidth) {
    const size_t rows = Smaller<Vec>(kWidth, x.rows - row);
    if (rows != configured) Configure(rows);
    configured = rows;
    for (size_t column = columns.begin; column < columns.end; column += kWidth) {
      const BlockEnd end = {
          nullptr,
          static_cast<const char*>(x.data) + row * x.stride + Type::kHeader,
          x.stride,
          {weights.bias + column, weights.scales == nullptr ? nullptr : weights.scales + column,
           weights.sums == nullptr ? nullptr : weights.sums + column},
          y.data + row * y.stride + column,
          y.stride,
          Smaller<Vec>(kWidth, columns.end - column),
          rows};
      MultiplyBlock<Type>({panel_of(column), steps, end}, sums, ending, fetching);
    }
  }
  ending.Finish();
  _tile_release();
}

// Whole tiles always: the rows beyond a block's last are computed and not read.
struct AttentionProducts {
  static void Begin() { Configure(kWidth); }
  static void End() { _tile_release(); }
  static void Multiply(const Bf16Product& p) {
    p.rows > kTile ? MultiplyRows<true>(p) : MultiplyRows<false>(p);
  }

 private:
  template <bool kSecond>
  static void MultiplyRows(const Bf16Product& p) {
    ZeroSums<kSecond>();
    for (size_t i = 0; i < p.count; ++i) {
      AddProducts<Bf16, kSecond>(reinterpret_cast<const char*>(p.parts[i].a), p.a_stride,
                                 reinterpret_cast<const char*>(p.parts[i].panel), p.lines, [] {});
    }
    StoreSums<kSecond>(reinterpret_cast<char*>(p.c), p.c_stride * sizeof(float));
  }
};
using Attention = Bf16Attention<AttentionProducts>;
static_assert(Attention::kQueryBlock == kWidth);

void Quantize(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, 255.0f);
}

}  // namespace

const ReducedKernels kAmxInt8 = {kWidth, 0, Quantize, LinearColumns<Int8>};
const ReducedKernels kAmxBf16 = {kWidth,
                                 0,
                                 NarrowRows,
                                 LinearColumns<Bf16>,
                                 Attention::Bytes,
                                 Attention::Run,
                                 Attention::RunGroups};

}  // namespace radie::kernels
