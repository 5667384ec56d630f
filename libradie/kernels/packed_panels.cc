#include "libradie/kernels/packed_panels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "libradie/base/buffer_pool.h"
#include "libradie/base/half.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/weight_rows.h"

namespace radie::kernels {
namespace {

std::size_t GroupOf(DType dtype) { return dtype == DType::kI8 ? 4 : dtype == DType::kBF16 ? 2 : 1; }

bool IsAligned(const std::byte* bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes) % kCacheLine == 0;
}

// `bytes` in whole cache lines.
std::size_t LinesOf(std::size_t bytes) {
  return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

std::size_t RowsOf(std::span<const WeightView> weights) {
  return std::accumulate(weights.begin(), weights.end(), std::size_t{0},
                         [](std::size_t rows, const WeightView& view) { return rows + view.rows; });
}

// The matrix that holds row `row` of the stack, and its row.
std::pair<const WeightView*, std::size_t> FindRow(std::span<const WeightView> weights,
                                                  std::size_t row) {
  std::size_t matrix = 0;
  for (; row >= weights[matrix].rows; ++matrix) row -= weights[matrix].rows;
  return {&weights[matrix], row};
}

// A square of units, one word a row, is turned: unit c of word r becomes unit r of word c. Units
// count from a word's lowest bits.
static_assert(std::endian::native == std::endian::little);
void Turn(std::array<std::uint64_t, 2>& words) {  // of units of 4 bytes
  const auto [a, b] = words;
  words = {(a & 0xFFFFFFFF) | b << 32, a >> 32 | (b & 0xFFFFFFFF00000000)};
}

void Turn(std::array<std::uint64_t, 4>& words) {  // of units of 2 bytes
  constexpr std::uint64_t kEven = 0x0000FFFF0000FFFF;
  const auto swap = [](std::uint64_t& a, std::uint64_t& b) {
    const std::uint64_t odd_of_a = a >> 16 & kEven;
    a = (a & kEven) | (b & kEven) << 16;
    b = (b & ~kEven) | odd_of_a;
  };
  swap(words[0], words[1]), swap(words[2], words[3]);
  for (std::size_t i : {0, 1}) {
    std::array<std::uint64_t, 2> pair = {words[i], words[i + 2]};
    Turn(pair);
    words[i] = pair[0], words[i + 2] = pair[1];
  }
}

// Unit u of row r goes to to[u * width + r], for `units` units of 8 / kSquare bytes. Four lines of
// each row at a time, so that what is read and what is written stay in the first-level cache.
template <std::size_t kSquare>
void Interleave(std::span<const std::byte* const> rows, std::size_t units, std::size_t width,
                std::byte* to) {
  constexpr std::size_t kUnit = sizeof(std::uint64_t) / kSquare, kAtOnce = 4 * kCacheLine / kUnit;
  const auto one_by_one = [&](std::size_t row_begin, std::size_t row_end, std::size_t unit_begin,
                              std::size_t unit_end) {
    for (std::size_t r = row_begin; r < row_end; ++r) {
      for (std::size_t u = unit_begin; u < unit_end; ++u) {
        std::memcpy(to + (u * width + r) * kUnit, rows[r] + u * kUnit, kUnit);
      }
    }
  };
  const std::size_t square_rows = rows.size() / kSquare * kSquare;
  for (std::size_t begin = 0; begin < units; begin += kAtOnce) {
    const std::size_t end = std::min(begin + kAtOnce, units);
    const std::size_t square_units = begin + (end - begin) / kSquare * kSquare;
    for (std::size_t r = 0; r < square_rows; r += kSquare) {
      for (std::size_t u = begin; u < square_units; u += kSquare) {
        std::array<std::uint64_t, kSquare> words;
        for (std::size_t i = 0; i < kSquare; ++i) {
          std::memcpy(&words[i], rows[r + i] + u * kUnit, sizeof(words[i]));
        }
        Turn(words);
        for (std::size_t i = 0; i < kSquare; ++i) {
          std::memcpy(to + ((u + i) * width + r) * kUnit, &words[i], sizeof(words[i]));
        }
      }
    }
    one_by_one(0, square_rows, square_units, end);
    one_by_one(square_rows, rows.size(), begin, end);
  }
}

}  // namespace

PanelLayout PackedPanels::LayoutOf(std::size_t width, DType dtype, std::size_t quad_limit) {
  const std::size_t group = GroupOf(dtype);
  return {dtype, width, group, group == 1 ? 1 : kCacheLine / ElementBytes(dtype), quad_limit};
}

PackedPanels::PackedPanels(std::span<const WeightView> weights,
                           std::span<const std::vector<float>> biases, const PanelLayout& layout,
                           ThreadPool& pool, WeightMemory& memory)
    : PackedLinear(weights[0].cols, RowsOf(weights), layout.dtype),
      layout_(layout),
      depth_(layout.Depth(inputs())),
      own_(memory.Take(layout.Bytes(outputs(), inputs()))),
      panels_(own_.get()) {
  AllocateRows();
  // Room for each thread, taken here: what a thread allocates for the first time may cost the
  // process address space that it never gives back.
  const std::size_t room = FillingBytes();
  const BufferPool::Lease space = pool.buffers().Take(pool.threads() * room);
  pool.For(layout.Panels(outputs()), [&](std::size_t panel, std::size_t worker) {
    FillPanel(panel, weights, static_cast<std::byte*>(space.data()) + worker * room);
  });
  std::size_t first = 0;
  for (const std::vector<float>& bias : biases) {
    SetBias(first, bias);
    first += bias.size();
  }
}

PackedPanels::PackedPanels(std::size_t inputs, std::size_t outputs, const PanelLayout& layout,
                           const std::byte* panels, WeightMemory& memory)
    : PackedLinear(inputs, outputs, layout.dtype),
      layout_(layout),
      depth_(layout.Depth(inputs)),
      panels_(panels) {
  if (!IsAligned(panels)) {
    const std::size_t bytes = layout.Bytes(outputs, inputs);
    own_ = memory.Take(bytes);
    std::copy_n(panels, bytes, own_.get());
    panels_ = own_.get();
  }
  AllocateRows();
}

void PackedPanels::AllocateRows() {
  const std::size_t padded = layout_.Panels(outputs()) * layout_.width;
  bias_ = AlignedBuffer(padded * sizeof(float));
  if (dtype() == DType::kI8) {
    scales_ = AlignedBuffer(padded * sizeof(float));
    sums_ = AlignedBuffer(padded * sizeof(std::int32_t));
  }
}

void PackedPanels::SetBias(std::size_t first, std::span<const float> bias) {
  std::copy(bias.begin(), bias.end(), bias_.floats() + first);
}

void PackedPanels::SetScales(std::size_t first, std::span<const float> scales) {
  std::copy(scales.begin(), scales.end(), scales_.floats() + first);
}

void PackedPanels::SetSums(std::size_t first, std::span<const std::int32_t> sums) {
  std::copy(sums.begin(), sums.end(), own_sums() + first);
}

std::span<const std::byte> PackedPanels::panels() const {
  return {panels_, layout_.Bytes(outputs(), inputs())};
}

std::span<const float> PackedPanels::scales() const {
  return {scales_.floats(), dtype() == DType::kI8 ? outputs() : 0};
}

std::span<const std::int32_t> PackedPanels::sums() const {
  return {own_sums(), dtype() == DType::kI8 ? outputs() : 0};
}

PanelMatrix PackedPanels::matrix() const {
  return {panels_,  bias_.floats(), scales_.floats(), own_sums(),
          inputs(), outputs(),      depth_,           dtype()};
}

void PackedPanels::FillPanel(std::size_t panel, std::span<const WeightView> weights,
                             std::byte* space) {
  const std::size_t element = ElementBytes(dtype()), width = layout_.width;
  const std::size_t first = panel * width, count = std::min(width, outputs() - first);
  const std::size_t row_bytes = LinesOf(inputs() * element);
  const std::span rows(reinterpret_cast<const std::byte**>(space), count);
  space += LinesOf(width * sizeof(const std::byte*));
  const std::span scratch(reinterpret_cast<float*>(space), inputs());
  space += LinesOf(inputs() * sizeof(float));
  for (std::size_t r = 0; r < count; ++r) {
    const auto [matrix, row] = FindRow(weights, first + r);
    rows[r] = RowInType(first + r, *matrix, row, scratch, space + r * row_bytes);
  }
  std::byte* const to = own_.get() + first * depth_ * element;
  const std::size_t group = layout_.group, unit = group * element, whole = inputs() / group;
  const std::size_t filled = count == width ? whole * width * unit : 0;
  std::fill(to + filled, to + width * depth_ * element, std::byte{0});
  if (unit == 2) {
    Interleave<4>(rows, whole, width, to);
  } else {
    Interleave<2>(rows, whole, width, to);  // LayoutOf has no others than 2 and 4
  }
  const std::size_t left = (inputs() - whole * group) * element;
  for (std::size_t r = 0; r < count; ++r) {
    std::copy_n(rows[r] + whole * unit, left, to + (whole * width + r) * unit);
  }
}

std::size_t PackedPanels::FillingBytes() const {
  return LinesOf(layout_.width * sizeof(const std::byte*)) + LinesOf(inputs() * sizeof(float)) +
         layout_.width * LinesOf(inputs() * ElementBytes(dtype()));
}

const std::byte* PackedPanels::RowInType(std::size_t output, const WeightView& weights,
                                         std::size_t row, std::span<float> scratch, std::byte* to) {
  if (dtype() == DType::kI8) {
    auto* const values = reinterpret_cast<std::int8_t*>(to);
    scales_.floats()[output] = ReadRowAsInt8(weights, row, layout_.quad_limit, scratch, values);
    own_sums()[output] = std::accumulate(values, values + inputs(), std::int32_t{0});
    return to;
  }
  if (weights.dtype == dtype()) {
    return static_cast<const std::byte*>(weights.data) + row * inputs() * ElementBytes(dtype());
  }
  if (dtype() == DType::kF32) {
    ReadRow(weights, row, reinterpret_cast<float*>(to));
    return to;
  }
  ReadRow(weights, row, scratch.data());
  const bool half = dtype() == DType::kF16;
  auto* const bits = reinterpret_cast<std::uint16_t*>(to);
  for (std::size_t k = 0; k < inputs(); ++k) {
    bits[k] = half ? NarrowHalf(scratch[k]) : NarrowBfloat16(scratch[k]);
  }
  return to;
}

}  // namespace radie::kernels
