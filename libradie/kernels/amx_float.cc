// fp32 products with Intel AMX, whose tiles multiply bf16, sixteen times as many at once as vectors
// do fp32. A number of fp32 has 24 binary digits, one of bf16 8: so each is the exact sum of three
// pieces of bf16, a coarse one, a middle one and a fine one (two are enough for fp16). Of a
// product's nine pieces the six largest are added up in fp32, which rounds each sum as ever.
// What is left out, middle by fine and fine by fine, is at most 2^-22 of a product, mostly far
// less, and of either sign, since inputs are split by rounding; weights are split by cutting off,
// which takes fewer instructions. A piece below 2^-126 counts as 0.
//
// Rows of inputs are prepared: of 32 at a time, filled up with zeros, first the coarse pieces, then
// the middle ones, then the fine ones. Weights stay as they lie in the panels and are split by the
// task that reads them, a block ahead of the tiles, which need few instructions.
//
// An output is one chain of sums, 32 inputs at a time in ascending order, to which the bias is
// added: how inputs are cut into blocks changes no bit.
#include "libradie/kernels/amx_ending.h"
#include "libradie/kernels/amx_tiles.h"

namespace radie::kernels {
namespace {

using std::size_t;

constexpr size_t kProducts = 6;     // of two pieces; one less with fp16 weights
constexpr size_t kStepInputs = 32;  // that the tiles take at once
constexpr size_t kInputStep = kSplitPieces * kTileBytes;      // bytes of them in a prepared row
constexpr size_t kBlockSteps = 4;                             // whose weights are split at once
constexpr size_t kRowBlock = 192, kColumnBlock = 2 * kWidth;  // whose sums are held at once

// The upper half of each lane, which is a piece, and zeros.
__m512i UpperHalves(__m512i x) {
  return _mm512_and_si512(x, _mm512_set1_epi32(static_cast<int>(0xFFFF0000)));
}

// x rounded to a piece: to nearest, ties away from zero.
__m512i RoundedPiece(Vec x) {
  return UpperHalves(_mm512_add_epi32(_mm512_castps_si512(x.v), _mm512_set1_epi32(0x8000)));
}

Vec Without(Vec x, __m512i piece) { return {_mm512_sub_ps(x.v, _mm512_castsi512_ps(piece))}; }

void Prepare(ConstMatrixView x, std::byte* to, size_t row_bytes) {
  alignas(64) static constexpr unsigned short kUpperHalves[32] = {
      1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
      33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  const __m512i upper = _mm512_load_si512(kUpperHalves);
  for (size_t r = 0; r < x.rows; ++r, to += row_bytes) {
    const float* row = x.data + r * x.stride;
    std::byte* next = to;
    for (size_t i = 0; i < x.cols; i += kStepInputs) {
      const size_t left = x.cols - i;
      Vec low = Lanes(left).Load(row + i);
      Vec high = Lanes(left > Vec::kLanes ? left - Vec::kLanes : 0).Load(row + i + Vec::kLanes);
#pragma GCC unroll 3
      for (size_t piece = 0; piece < kSplitPieces; ++piece, next += kTileBytes) {
        const __m512i low_piece = RoundedPiece(low), high_piece = RoundedPiece(high);
        _mm512_store_si512(next, _mm512_permutex2var_epi16(low_piece, upper, high_piece));
        low = Without(low, low_piece);
        high = Without(high, high_piece);
      }
    }
  }
}

// A panel's weights of some inputs, and where their pieces go.
struct WeightBlock {
  const char* panel;
  size_t inputs;
  char* to;           // [steps][pieces][16 pairs of inputs][32 outputs][2]
  const char* fetch;  // a later block, for the second-level cache
};

// Splits a block of weights little by little, beside the tiles that multiply by the one before.
template <bool kHalf>
class Splitting {
 public:
  static constexpr size_t kPieces = kHalf ? 2 : kSplitPieces;

  // The last block must be finished; this one will be in `steps` steps.
  void Begin(const WeightBlock& block, size_t steps) {
    block_ = block;
    pair_ = 0;
    pairs_ = RoundUp<Vec>(block.inputs, kStepInputs) / 2;
    pairs_a_step_ = (pairs_ + steps - 1) / steps;
  }
  inline __attribute__((always_inline)) void Step() {
    const size_t end = Smaller<Vec>(pair_ + pairs_a_step_, pairs_);
    for (; pair_ < end; ++pair_) Split(pair_);
  }
  void Finish() {
    for (; pair_ < pairs_; ++pair_) Split(pair_);
  }

 private:
  static constexpr size_t kInputBytes = kWidth * (kHalf ? 2 : 4);

  inline __attribute__((always_inline)) void Split(size_t pair) const {
    const char* from = block_.panel + 2 * pair * kInputBytes;
    Prefetch<Cache::kSecond>(block_.fetch + 2 * pair * kInputBytes, 2 * kInputBytes);
    char* to = block_.to + (pair / kTile * kPieces * kTile + pair % kTile) * kPanelStride;
#pragma GCC unroll 2
    for (size_t half = 0; half < 2; ++half) {
      Vec even = Load(from, half, 2 * pair), odd = Load(from + kInputBytes, half, 2 * pair + 1);
#pragma GCC unroll 3
      for (size_t piece = 0; piece < kPieces; ++piece) {
        _mm512_store_si512(to + piece * kPanelStep + half * kTileBytes, Paired(even, odd));
        even = Without(even, UpperHalves(_mm512_castps_si512(even.v)));
        odd = Without(odd, UpperHalves(_mm512_castps_si512(odd.v)));
      }
    }
  }

  // The upper halves of pairs of inputs of sixteen outputs, in turns.
  static __m512i Paired(Vec even, Vec odd) {
    return _mm512_mask_blend_epi16(0xAAAAAAAA, _mm512_srli_epi32(_mm512_castps_si512(even.v), 16),
                                   _mm512_castps_si512(odd.v));
  }

  Vec Load(const char* from, size_t half, size_t input) const {
    if (input >= block_.inputs) return Vec::Set(0.0f);
    from += half * (kInputBytes / 2);
    if constexpr (kHalf) return Vec::LoadHalves(from);
    return Vec::Load(static_cast<const float*>(static_cast<const void*>(from)));
  }

  WeightBlock block_ = {};
  size_t pair_ = 0, pairs_ = 0, pairs_a_step_ = 0;
};

// Adds to the sums what `steps` steps of inputs, split, give with a block of weights. Calls
// beside() after each product of two pieces: in small portions the work there is as good as free.
template <bool kSecond, size_t kPieces, typename Beside>
inline __attribute__((always_inline)) void AddSteps(const char* a, size_t stride,
                                                    const char* weights, size_t steps,
                                                    const Beside& beside) {
  BeforeLoads();
  for (size_t step = 0; step < steps; ++step, a += kInputStep, weights += kPieces * kPanelStep) {
    const auto multiply = [&]() __attribute__((always_inline)) {
      AddBf16Products<kSecond>();
      beside();
      BeforeLoads();
    };
    LoadInputs<kSecond>(a + 2 * kTileBytes, stride);
    LoadWeights(weights);
    multiply();
    LoadInputs<kSecond>(a + kTileBytes, stride);
    multiply();
    LoadWeights(weights + kPanelStep);
    multiply();
    LoadInputs<kSecond>(a, stride);
    multiply();
    if constexpr (kPieces == kSplitPieces) {
      LoadWeights(weights + 2 * kPanelStep);
      multiply();
    }
    LoadWeights(weights);
    multiply();
  }
}

// Up to kRowBlock rows from `row` on by up to kColumnBlock outputs.
//
// Many rows meet a block of weights of each panel in turn, which lets their own pieces of those
// inputs stay near. With few rows memory sets the pace: then weights are read front to back, panel
// by panel, in blocks so small that their pieces stay in the first-level cache.
template <bool kHalf>
class Task {
 public:
  // cppcheck-suppress uninitMemberVar  // pieces_, sums_: written before they are read
  Task(const PanelMatrix& weights, const Operand& x, const MatrixView& y, size_t row,
       ColumnRange columns, Activation activation)
      : ending_(activation),
        weights_(weights),
        x_(static_cast<const char*>(x.data) + row * x.stride),
        x_stride_(x.stride),
        rows_(Smaller<Vec>(kRowBlock, x.rows - row)),
        y_(y.data + row * y.stride + columns.begin),
        y_stride_(y.stride),
        columns_(columns),
        panels_((columns.end - columns.begin + kWidth - 1) / kWidth),
        few_(rows_ <= kWidth),
        steps_(few_ ? 1 : kBlockSteps),
        depth_blocks_((weights.inputs + steps_ * kStepInputs - 1) / (steps_ * kStepInputs)) {}

  void Run() {
    const size_t blocks = depth_blocks_ * panels_;
    const size_t row_blocks = (rows_ + kWidth - 1) / kWidth;
    Splitting<kHalf> splitting;
    splitting.Begin(BlockOf(0), 1);
    splitting.Finish();
    for (size_t b = 0; b < blocks; ++b) {
      const WeightBlock block = BlockOf(b);
      const size_t steps = (block.inputs + kStepInputs - 1) / kStepInputs;
      if (b + 1 < blocks) splitting.Begin(BlockOf(b + 1), row_blocks * steps * kProducts);
      for (size_t row = 0; row < rows_; row += kWidth) {
        const size_t rows = Smaller<Vec>(kWidth, rows_ - row);
        Use(rows);
        const auto multiply = rows > kTile ? &Task::Multiply<true> : &Task::Multiply<false>;
        (this->*multiply)(row, DepthOf(b), block.to, steps, SumsOf(row, PanelOf(b)), &splitting);
        if (DepthOf(b) + 1 == depth_blocks_) {
          ending_.Finish();
          ending_.Begin(EndOf(row, rows, PanelOf(b)), steps_ * kProducts);
        }
      }
      splitting.Finish();
    }
    ending_.Finish();
  }

 private:
  WeightBlock BlockOf(size_t b) {
    return {WeightsOf(b), Smaller<Vec>(steps_ * kStepInputs, weights_.inputs - InputOf(b)),
            pieces_[b % 2], WeightsOf(b + (few_ ? 2 : 1))};
  }
  size_t DepthOf(size_t b) const { return few_ ? b % depth_blocks_ : b / panels_; }
  size_t PanelOf(size_t b) const { return few_ ? b / depth_blocks_ : b % panels_; }
  size_t InputOf(size_t b) const { return DepthOf(b) * steps_ * kStepInputs; }

  // Behind the last block comes the next task's first, or nothing new.
  const char* WeightsOf(size_t b) const {
    size_t column = columns_.begin;
    if (b >= depth_blocks_ * panels_) {
      b -= depth_blocks_ * panels_;
      column = columns_.next >= columns_.end ? columns_.next : columns_.begin;
    }
    column += PanelOf(b) * kWidth;
    return static_cast<const char*>(weights_.panels) +
           (column * weights_.inputs + InputOf(b) * kWidth) * (kHalf ? 2 : 4);
  }

  char* SumsOf(size_t row, size_t panel) { return sums_[panel] + row * kPanelStride; }

  void Use(size_t rows) {
    if (rows != configured_) Configure(rows);
    configured_ = rows;
  }

  template <bool kSecond>
  void Multiply(size_t row, size_t depth_block, const char* weights, size_t steps, char* sums,
                Splitting<kHalf>* splitting) {
    if (depth_block == 0) {
      ZeroSums<kSecond>();
    } else {
      BeforeLoads();
      LoadSums<kSecond>(sums, kPanelStride);
    }
    const char* a = x_ + row * x_stride_ + depth_block * steps_ * kInputStep;
    AddSteps<kSecond, Splitting<kHalf>::kPieces>(
        a, x_stride_, weights, steps, [ this, splitting ]() __attribute__((always_inline)) {
          splitting->Step();
          ending_.Step();
        });
    StoreSums<kSecond>(sums, kPanelStride);
  }

  BlockEnd EndOf(size_t row, size_t rows, size_t panel) {
    const size_t column = columns_.begin + panel * kWidth;
    return {SumsOf(row, panel),
            nullptr,
            0,
            {weights_.bias + column, nullptr, nullptr},
            y_ + row * y_stride_ + panel * kWidth,
            y_stride_,
            Smaller<Vec>(kWidth, columns_.end - column),
            rows};
  }

  Ending<Bf16> ending_;
  const PanelMatrix& weights_;
  const char* const x_;
  const size_t x_stride_, rows_;
  float* const y_;
  const size_t y_stride_;
  const ColumnRange columns_;
  const size_t panels_;
  const bool few_;
  const size_t steps_, depth_blocks_;  // of a block; blocks of a panel
  size_t configured_ = 0;
  alignas(64) char pieces_[2][kBlockSteps * kSplitPieces * kPanelStep];
  alignas(64) char sums_[kColumnBlock / kWidth][kRowBlock * kPanelStride];
};

template <bool kHalf>
void Multiply(const PanelMatrix& weights, const Operand& x, Activation activation, MatrixView y,
              ColumnRange columns) {
  for (size_t row = 0; row < x.rows; row += kRowBlock) {
    for (size_t column = columns.begin; column < columns.end; column += kColumnBlock) {
      const size_t end = Smaller<Vec>(column + kColumnBlock, columns.end);
      Task<kHalf>(weights, x, y, row, {column, end, end < columns.end ? end : columns.next},
                  activation)
          .Run();
    }
  }
  _tile_release();
}

void LinearColumns(const PanelMatrix& weights, const Operand& x, Activation activation,
                   MatrixView y, ColumnRange columns) {
  const auto multiply = weights.dtype == DType::kF16 ? Multiply<true> : Multiply<false>;
  multiply(weights, x, activation, y, columns);
}

}  // namespace

const ReducedKernels kAmxFloat = {kWidth, 0, Prepare, LinearColumns};

}  // namespace radie::kernels
