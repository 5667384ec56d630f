// Products of bf16 and of int8 over panels, written once for every ISA: see panels.h on the layout
// and on why all of it is templates over a type of the including file's own.
//
// An Isa names Vec and Lanes, kTileRows (two accumulators a row; what the registers hold), Sum (a
// register of sums), Zero(), kGroups (how many groups are multiplied at once), kUnroll (how often
// in a turn of the innermost loop; kGroups · kUnroll divides the groups of a cache line),
// Broadcast(const char*) (so many groups of inputs, each of 4 bytes to all lanes),
// LoadWeights(const char*) (those groups of a register of outputs), MultiplyAdd(sum, inputs,
// weights), and a Finish to turn sums into outputs.
#pragma once

#include <cstddef>
#include <utility>

#include "libradie/kernels/panels.h"
#include "libradie/kernels/row_kernels.h"

namespace radie::kernels {

// What an output panel adds to and multiplies its sums by.
struct PanelEnd {
  const float* bias;
  const float* scales;
  const std::int32_t* sums;
};

// A tile's work: `a` points at the first row's inputs.
template <typename Isa>
struct ReducedProduct {
  const char* a;
  std::size_t a_stride;
  const char* panel;
  std::size_t groups;
  PanelEnd end;
  float* c;
  std::size_t c_stride, width;
  NextWeights next = {};
  std::size_t next_step = 0;  // of these, bytes a turn of a tile
};

// How int8 sums become outputs: scale · weight scale · (sum - zero · sum of weights) + bias.
template <typename Vec>
class Int8Row {
 public:
  explicit Int8Row(const char* inputs)
      : header_(*reinterpret_cast<const QuantizedRow*>(inputs - kCacheLine)) {}
  std::int32_t zero() const { return header_.zero; }
  Vec End(Vec exact_sum, const PanelEnd& end, std::size_t at) const {
    const Vec scale = Vec::Set(header_.scale) * Vec::Load(end.scales + at);
    return Fma(exact_sum, scale, Vec::Load(end.bias + at));
  }

 private:
  QuantizedRow header_;
};

template <typename Isa>
struct ReducedPanels {
  using Vec = typename Isa::Vec;
  using Lanes = typename Isa::Lanes;
  using size_t = std::size_t;

  static constexpr size_t kLanes = Vec::kLanes;
  static constexpr size_t kWidth = 2 * kLanes;
  static constexpr size_t kGroupBytes = 4;
  static constexpr size_t kGroupStep = kWidth * kGroupBytes;
  static constexpr size_t kStep = Isa::kGroups * kGroupStep;
  static constexpr size_t kTurn = Isa::kGroups * Isa::kUnroll;  // groups of one turn of the loop
  static constexpr size_t kAhead = 2048;                        // bytes of prefetch

  // Unrolled by pragma, as in float_panels.h.
  template <int kRows>
  static void MultiplyTile(const ReducedProduct<Isa>& p) {
    typename Isa::Sum acc[kRows][2];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) acc[r][0] = acc[r][1] = Isa::Zero();
    const char* a = p.a;
    const char* panel = p.panel;
    const char* next = p.next.begin;
    for (size_t g = 0; g < p.groups; g += kTurn, next += p.next_step) {
      Prefetch<Cache::kFirst>(panel + kAhead, Isa::kUnroll * kStep);
      Prefetch<Cache::kSecond>(next, Isa::kUnroll * kCacheLine);
#pragma GCC unroll 4
      for (size_t i = 0; i < Isa::kUnroll; ++i, panel += kStep, a += Isa::kGroups * kGroupBytes) {
        const auto low = Isa::LoadWeights(panel), high = Isa::LoadWeights(panel + kGroupStep / 2);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) {
          const auto x = Isa::Broadcast(a + r * p.a_stride);
          acc[r][0] = Isa::MultiplyAdd(acc[r][0], x, low);
          acc[r][1] = Isa::MultiplyAdd(acc[r][1], x, high);
        }
      }
    }
    const bool whole = p.width == kWidth;
    const Lanes low_lanes(p.width), high_lanes(p.width > kLanes ? p.width - kLanes : 0);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const typename Isa::Row row(p.a + r * p.a_stride);
      const Vec low = Isa::Finish(row, acc[r][0], p.end, 0);
      const Vec high = Isa::Finish(row, acc[r][1], p.end, kLanes);
      float* c = p.c + r * p.c_stride;
      if (whole) {
        Store(c, low);
        Store(c + kLanes, high);
      } else {
        low_lanes.Store(c, low);
        high_lanes.Store(c + kLanes, high);
      }
    }
  }

  using Tile = void (*)(const ReducedProduct<Isa>&);

  template <std::size_t... kRows>
  static constexpr Tile TileOf(size_t rows, std::index_sequence<kRows...>) {
    constexpr Tile kTiles[] = {MultiplyTile<kRows + 1>...};
    return kTiles[rows - 1];
  }

  // Rows are spread evenly over the tiles, as in float_panels.h.
  static void MultiplyRows(ReducedProduct<Isa> p, size_t rows, Activation activation) {
    const size_t tiles = (rows + Isa::kTileRows - 1) / Isa::kTileRows;
    const size_t slice = FetchedByATile<Vec>(p.next, tiles), turns = p.groups / kTurn;
    if (slice == 0) p.next.begin = p.panel;
    p.next_step = (slice + turns - 1) / turns;
    for (size_t t = 0, row = 0; t < tiles; ++t, p.next.begin += slice) {
      const size_t count = (rows - row + (tiles - t) - 1) / (tiles - t);
      TileOf(count, std::make_index_sequence<Isa::kTileRows>())(p);
      ActivateRows<Vec, Lanes>(activation, p.c, p.c_stride, count, p.width);
      p.a += count * p.a_stride;
      p.c += count * p.c_stride;
      row += count;
    }
  }

  static void LinearColumns(const PanelMatrix& weights, const Operand& x, Activation activation,
                            MatrixView y, ColumnRange columns) {
    const size_t group = weights.dtype == DType::kI8 ? 4 : 2;
    const size_t header = weights.dtype == DType::kI8 ? kCacheLine : 0;
    const size_t groups = weights.depth / group;
    const auto panel_of = [&](size_t column) {
      return static_cast<const char*>(weights.panels) + column * groups * kGroupBytes;
    };
    for (size_t column = columns.begin; column < columns.end; column += kWidth) {
      NextWeights next;
      if (column + kWidth < columns.end || columns.next >= columns.end) {
        next = {panel_of(column + kWidth < columns.end ? column + kWidth : columns.next),
                groups * kGroupStep};
      }
      MultiplyRows(
          {static_cast<const char*>(x.data) + header,
           x.stride,
           panel_of(column),
           groups,
           {weights.bias + column, weights.scales == nullptr ? nullptr : weights.scales + column,
            weights.sums == nullptr ? nullptr : weights.sums + column},
           y.data + column,
           y.stride,
           Smaller<Vec>(kWidth, columns.end - column),
           next},
          x.rows, activation);
    }
  }
};

}  // namespace radie::kernels
