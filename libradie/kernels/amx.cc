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

// The sums of up to 32 rows (with kSecond, else 16) of `a` by a panel's 32 outputs; rows of sums
// are `stride` bytes apart.
template <typename Type, bool kSecond>
inline __attribute__((always_inline)) void MultiplyTiles(const char* a, size_t a_stride,
                                                         const char* panel, size_t steps,
                                                         char* sums, size_t stride) {
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

template <typename Type, bool kSecond>
void MultiplyBlock(const Block& b) {
  alignas(64) char sums[kWidth * kPanelStride];
  MultiplyTiles<Type, kSecond>(b.a, b.a_stride, b.panel, b.steps, sums, kPanelStride);
  const Lanes low_lanes(b.width), high_lanes(b.width > kTile ? b.width - kTile : 0);
  for (size_t r = 0; r < b.rows; ++r) {
    const typename Type::Row row(b.a + r * b.a_stride);
    float* c = b.c + r * b.c_stride;
    low_lanes.Store(c, Type::Finish(row, sums + r * kPanelStride, b.end, 0));
    high_lanes.Store(c + kTile,
                     Type::Finish(row, sums + r * kPanelStride + kTileBytes, b.end, kTile));
  }
}

template <typename Type>
void LinearColumns(const PanelMatrix& weights, const Operand& x, Activation activation,
                   MatrixView y, ColumnRange columns) {
  const size_t steps = weights.depth * (4 / Type::kGroup) / kTileBytes;
  size_t configured = 0;
  for (size_t row = 0; row < x.rows; row += kWidth) {
    const size_t rows = Smaller<Vec>(kWidth, x.rows - row);
    if (rows != configured) Configure(rows);
    configured = rows;
    for (size_t column = columns.begin; column < columns.end; column += kWidth) {
      const Block block = {
          static_cast<const char*>(x.data) + row * x.stride + Type::kHeader,
          x.stride,
          static_cast<const char*>(weights.panels) + column * steps * kTileBytes,
          steps,
          {weights.bias + column, weights.scales == nullptr ? nullptr : weights.scales + column,
           weights.sums == nullptr ? nullptr : weights.sums + column},
          y.data + row * y.stride + column,
          y.stride,
          Smaller<Vec>(kWidth, columns.end - column),
          rows};
      if (rows > kTile) {
        MultiplyBlock<Type, true>(block);
      } else {
        MultiplyBlock<Type, false>(block);
      }
      ActivateRows<Vec, Lanes>(activation, block.c, y.stride, rows, block.width);
    }
  }
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
      MultiplyTiles<Bf16, true>(a, p.a_stride, panel, p.lines, sums, stride);
    } else {
      MultiplyTiles<Bf16, false>(a, p.a_stride, panel, p.lines, sums, stride);
    }
  }
};
using Attention = Bf16Attention<AttentionProducts>;
static_assert(Attention::kQueryBlock == kWidth);

void Quantize(ConstMatrixView x, std::byte* to, std::size_t row_bytes) {
  QuantizeRows<Vec, Lanes>(x, to, row_bytes, 255.0f);
}

}  // namespace

const ReducedKernels kAmxInt8 = {kWidth, Quantize, LinearColumns<Int8>};
const ReducedKernels kAmxBf16 = {kWidth, NarrowRows, LinearColumns<Bf16>, Attention::Run};

}  // namespace radie::kernels
