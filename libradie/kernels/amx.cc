// int8 and bf16 products with Intel AMX: tiles of 16 rows by 64 bytes. Prepared rows and panels are
// those of AVX-512 VNNI and BF16; int8 results are theirs bit for bit, as the sums are exact.
#include "libradie/kernels/avx512_bf16_rows.h"
#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/bf16_attention.h"
#include "libradie/kernels/reduced_panels.h"

namespace radie::kernels {
namespace {

using std::size_t;

constexpr size_t kTile = 16;       // rows of a tile; outputs of a tile of sums
constexpr size_t kTileBytes = 64;  // a tile's row
constexpr size_t kWidth = 2 * kTile;
constexpr size_t kPanelStride = kWidth * 4;  // bytes of a group of inputs, all outputs

// Tiles 0 to 3: sums, two by two. 4, 5: rows of inputs. 6, 7: weights.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {};
  unsigned char rows[16] = {};
};

// Sets the tiles up for `rows` (1 to 32) rows of inputs.
void Configure(size_t rows) {
  const auto first = static_cast<unsigned char>(rows < kTile ? rows : kTile);
  const auto second = static_cast<unsigned char>(rows - first);
  const unsigned char counts[8] = {first, first, second, second, first, second, kTile, kTile};
  TileConfig config;
  for (int tile = 0; tile < 8; ++tile) {
    config.rows[tile] = counts[tile];
    config.row_bytes[tile] = counts[tile] == 0 ? 0 : kTileBytes;
  }
  __asm__ volatile("" : : "r"(&config) : "memory");  // GCC 12 believes 8 bytes of it are read
  _tile_loadconfig(&config);
}

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

struct Bf16 {
  struct Row {
    explicit Row(const char*) {}
  };
  static constexpr size_t kHeader = 0, kGroup = 2;

  template <bool kSecond>
  static inline __attribute__((always_inline)) void Multiply() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (kSecond) {
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }

  static Vec Finish(const Row&, const void* sums, const PanelEnd& end, size_t at) {
    return Vec{_mm512_load_ps(sums)} + Vec::Load(end.bias + at);
  }
};

// Up to 32 rows by 32 outputs, for which the tiles are set up.
struct Block {
  const char* a;
  size_t a_stride;
  const char* panel;
  size_t steps;  // of 64 bytes of inputs
  PanelEnd end;
  float* c;
  size_t c_stride, width, rows;
};

// The way from a block's sums to its outputs, in pieces, so that it can be gone while the tiles
// multiply for the next block: they need few instructions, and would stand still meanwhile.
template <typename Type>
class Ending {
 public:
  // cppcheck-suppress uninitMemberVar  // sums_: written by the tiles before it is read
  explicit Ending(Activation activation) : activation_(activation) {}

  // The next block's sums come here while the last one's are still being read.
  char* NextSums() { return sums_[1 - current_]; }

  // The block whose sums are in NextSums(); the last one must be finished.
  void Begin(const Block& block) {
    block_ = block;
    current_ = 1 - current_;
    next_ = 0;
    rows_a_step_ = (block.rows + block.steps - 1) / block.steps;
  }

  // Rows enough that as many steps as the block has multiplications finish it.
  inline __attribute__((always_inline)) void Step() {
    const size_t end = Smaller<Vec>(next_ + rows_a_step_, block_.rows);
    for (; next_ < end; ++next_) FinishRow(next_);
  }

  void Finish() {
    for (; next_ < block_.rows; ++next_) FinishRow(next_);
  }

 private:
  inline __attribute__((always_inline)) void FinishRow(size_t r) {
    const typename Type::Row row(block_.a + r * block_.a_stride);
    const char* sums = sums_[current_] + r * kPanelStride;
    Vec low = Type::Finish(row, sums, block_.end, 0);
    Vec high = Type::Finish(row, sums + kTileBytes, block_.end, kTile);
    WithActivation<Vec>(activation_, [&](auto function) {
      low = function(low);
      high = function(high);
    });
    float* c = block_.c + r * block_.c_stride;
    if (block_.width == kWidth) {
      Store(c, low);
      Store(c + kTile, high);
      return;
    }
    Lanes(block_.width).Store(c, low);
    Lanes(block_.width > kTile ? block_.width - kTile : 0).Store(c + kTile, high);
  }

  const Activation activation_;
  Block block_ = {};
  size_t current_ = 0, next_ = 0, rows_a_step_ = 0;
  alignas(64) char sums_[2][kWidth * kPanelStride + 8 * kCacheLine];  // not 4 KiB apart
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

// The sums of up to 32 rows (with kSecond, else 16) of `a` by a panel's 32 outputs; rows of sums
// are `stride` bytes apart. Calls beside() at each step, while the tiles multiply.
template <typename Type, bool kSecond, typename Beside>
inline __attribute__((always_inline)) void MultiplyTiles(const char* a, size_t a_stride,
                                                         const char* panel, size_t steps,
                                                         char* sums, size_t stride,
                                                         const Beside& beside) {
  // GCC 12's tile loads do not tell the compiler that they read memory.
  __asm__ volatile("" : : : "memory");
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (kSecond) {
    _tile_zero(2);
    _tile_zero(3);
  }
  for (size_t step = 0; step < steps; ++step) {
    _tile_loadd(4, a, a_stride);
    _tile_loadd(6, panel, kPanelStride);
    _tile_loadd(7, panel + kTileBytes, kPanelStride);
    if constexpr (kSecond) _tile_loadd(5, a + kTile * a_stride, a_stride);
    Type::template Multiply<kSecond>();
    beside();
    a += kTileBytes;
    panel += kTile * kPanelStride;
  }
  _tile_stored(0, sums, stride);
  _tile_stored(1, sums + kTileBytes, stride);
  if constexpr (kSecond) {
    _tile_stored(2, sums + kTile * stride, stride);
    _tile_stored(3, sums + kTile * stride + kTileBytes, stride);
  }
}

template <typename Type>
void MultiplyBlock(const Block& b, Ending<Type>& last, Fetching& fetching) {
  if (b.rows > kTile) {
    MultiplyTiles<Type, true>(b.a, b.a_stride, b.panel, b.steps, last.NextSums(), kPanelStride,
                              [&last, &fetching] {
                                last.Step();
                                fetching.Step();
                              });
    last.Finish();
    last.Begin(b);
  } else {  // bound by loading weights: it only lengthens the loop to end a block meanwhile
    last.Finish();
    MultiplyTiles<Type, false>(b.a, b.a_stride, b.panel, b.steps, last.NextSums(), kPanelStride,
                               [] {});
    last.Begin(b);
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
  Ending<Type> ending(activation);
  size_t configured = 0;
  for (size_t row = 0; row < x.rows; row += kWidth) {
    const size_t rows = Smaller<Vec>(kWidth, x.rows - row);
    if (rows != configured) Configure(rows);
    configured = rows;
    for (size_t column = columns.begin; column < columns.end; column += kWidth) {
      const Block block = {
          static_cast<const char*>(x.data) + row * x.stride + Type::kHeader,
          x.stride,
          panel_of(column),
          steps,
          {weights.bias + column, weights.scales == nullptr ? nullptr : weights.scales + column,
           weights.sums == nullptr ? nullptr : weights.sums + column},
          y.data + row * y.stride + column,
          y.stride,
          Smaller<Vec>(kWidth, columns.end - column),
          rows};
      MultiplyBlock(block, ending, fetching);
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
    const auto* a = reinterpret_cast<const char*>(p.a);
    const auto* panel = reinterpret_cast<const char*>(p.panel);
    auto* sums = reinterpret_cast<char*>(p.c);
    const size_t stride = p.c_stride * sizeof(float);
    if (p.rows > kTile) {
      MultiplyTiles<Bf16, true>(a, p.a_stride, panel, p.lines, sums, stride, [] {});
    } else {
      MultiplyTiles<Bf16, false>(a, p.a_stride, panel, p.lines, sums, stride, [] {});
    }
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
