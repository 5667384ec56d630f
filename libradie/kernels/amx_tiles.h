// Intel AMX: tiles of 16 rows by 64 bytes, eight of them, for the files compiled for it. Up to 32
// rows of inputs meet 32 outputs of a panel (panels.h) at once. In an unnamed namespace on purpose:
// see panels.h.
#pragma once

#include "libradie/kernels/avx512_vector.h"
#include "libradie/kernels/row_kernels.h"

namespace radie::kernels {
namespace {  // NOLINT(google-build-namespaces): compiled anew for each ISA

inline constexpr std::size_t kTile = 16;       // rows of a tile; outputs of a tile of sums
inline constexpr std::size_t kTileBytes = 64;  // a tile's row
inline constexpr std::size_t kWidth = 2 * kTile;
inline constexpr std::size_t kPanelStride = kWidth * 4;  // bytes of a group of inputs, all outputs
inline constexpr std::size_t kPanelStep = kTile * kPanelStride;  // of a panel: what two tiles hold

// Tiles 0 to 3: sums, two by two. 4, 5: rows of inputs. 6, 7: weights.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {};
  unsigned char rows[16] = {};
};

// Sets the tiles up for `rows` (1 to 32) rows of inputs.
inline void Configure(std::size_t rows) {
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

// In each of these kSecond says whether there are more than 16 rows.
template <bool kSecond>
inline __attribute__((always_inline)) void ZeroSums() {
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (kSecond) {
    _tile_zero(2);
    _tile_zero(3);
  }
}

// GCC 12's tile loads do not tell the compiler that they read memory: what is written before them
// stays before them.
inline __attribute__((always_inline)) void BeforeLoads() { __asm__ volatile("" : : : "memory"); }

template <bool kSecond>
inline __attribute__((always_inline)) void LoadInputs(const char* a, std::size_t stride) {
  _tile_loadd(4, a, stride);
  if constexpr (kSecond) _tile_loadd(5, a + kTile * stride, stride);
}

inline __attribute__((always_inline)) void LoadWeights(const char* panel) {
  _tile_loadd(6, panel, kPanelStride);
  _tile_loadd(7, panel + kTileBytes, kPanelStride);
}

template <bool kSecond>
inline __attribute__((always_inline)) void AddBf16Products() {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  if constexpr (kSecond) {
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
}

// Rows of sums are `stride` bytes apart.
template <bool kSecond>
inline __attribute__((always_inline)) void LoadSums(const char* sums, std::size_t stride) {
  _tile_loadd(0, sums, stride);
  _tile_loadd(1, sums + kTileBytes, stride);
  if constexpr (kSecond) {
    _tile_loadd(2, sums + kTile * stride, stride);
    _tile_loadd(3, sums + kTile * stride + kTileBytes, stride);
  }
}

template <bool kSecond>
inline __attribute__((always_inline)) void StoreSums(char* sums, std::size_t stride) {
  _tile_stored(0, sums, stride);
  _tile_stored(1, sums + kTileBytes, stride);
  if constexpr (kSecond) {
    _tile_stored(2, sums + kTile * stride, stride);
    _tile_stored(3, sums + kTile * stride + kTileBytes, stride);
  }
}

}  // namespace
}  // namespace radie::kernels
