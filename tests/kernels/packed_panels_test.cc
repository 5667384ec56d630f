// Panels that were packed before, in another's memory, compute what fresh ones do.
#include "libradie/kernels/packed_panels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "libradie/base/half.h"
#include "libradie/base/thread_pool.h"
#include "libradie/kernels/weight_rows.h"
#include "tests/kernels/kernel_cases.h"

namespace radie::kernels {
namespace {

constexpr DType kTypes[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kI8};

TestMatrix Product(const KernelSet& set, const PackedLinear& weights, ConstMatrixView x) {
  TestMatrix y(x.rows, weights.outputs());
  const std::size_t bytes = set.PreparedBytes(weights.dtype(), x.cols);
  if (bytes == 0) {
    set.Linear(weights, x, Activation::kNone, y.view());
    return y;
  }
  const AlignedBuffer prepared(bytes * x.rows);
  set.Prepare(weights.dtype(), x, prepared.data());
  set.Linear(weights, Operand(prepared.data(), x.rows, x.cols, bytes), Activation::kNone, y.view());
  return y;
}

// A copy of panels that begins `shift` bytes behind a multiple of 64.
class PanelsElsewhere {
 public:
  PanelsElsewhere(std::span<const std::byte> panels, std::size_t shift)
      : buffer_(panels.size() + shift), shift_(shift) {
    std::copy(panels.begin(), panels.end(), data());
  }
  std::byte* data() const { return static_cast<std::byte*>(buffer_.data()) + shift_; }

 private:
  AlignedBuffer buffer_;
  std::size_t shift_;
};

class StoredPanels : public testing::TestWithParam<const KernelSet*> {};

TEST_P(StoredPanels, GiveTheSameBitsInPlaceAndCopied) {
  const KernelSet& set = *GetParam();
  std::mt19937 random(5);
  for (const auto& [outputs, inputs] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {33, 7}, {48, 64}, {70, 129}}) {
    const TestMatrix weights = TestMatrix(outputs, inputs).Fill(random);
    const TestMatrix bias_row = TestMatrix(1, outputs).Fill(random);
    const TestMatrix x = TestMatrix(5, inputs).Fill(random);
    const std::vector<float> bias(bias_row.view().data, bias_row.view().data + outputs);
    const WeightView view = {weights.view().data, outputs, inputs, DType::kF32, nullptr};
    for (const DType dtype : kTypes) {
      const std::optional<PanelLayout> layout = set.LayoutOf(dtype);
      if (!layout) continue;
      WeightMemory memory;
      const auto packed = set.Pack(view, bias, dtype);
      const auto& fresh = static_cast<const PackedPanels&>(*packed);
      ASSERT_EQ(fresh.panels().size(), layout->Bytes(outputs, inputs));
      for (const std::size_t shift : {0, 1, 4, 32}) {
        const PanelsElsewhere elsewhere(fresh.panels(), shift);
        PackedPanels stored(inputs, outputs, *layout, elsewhere.data(), memory);
        EXPECT_EQ(stored.panels().data() == elsewhere.data(), shift == 0);
        stored.SetBias(0, std::span(bias).first(outputs / 2));
        stored.SetBias(outputs / 2, std::span(bias).subspan(outputs / 2));
        if (dtype == DType::kI8) {
          stored.SetScales(0, fresh.scales());
          stored.SetSums(0, fresh.sums());
        }
        EXPECT_TRUE(
            SameBits(Product(set, stored, x.view()).view(), Product(set, fresh, x.view()).view()))
            << DTypeName(dtype) << " " << outputs << " " << inputs << " " << shift;
      }
    }
  }
}

// Where panels.h says that weight k of output o lies, in elements.
std::size_t PlaceOf(const PanelLayout& layout, std::size_t inputs, std::size_t o, std::size_t k) {
  const std::size_t width = layout.width, group = layout.group;
  return o / width * width * layout.Depth(inputs) + k / group * width * group + o % width * group +
         k % group;
}

// Three matrices of odd sizes stacked, stored as fp32 and fp16, against each weight by itself; what
// is not a weight is zero, whatever the memory held before.
TEST_P(StoredPanels, HoldEachWeightInItsPlaceAndZerosElsewhere) {
  const KernelSet& set = *GetParam();
  std::mt19937 random(6);
  ThreadPool pool(3);
  for (const auto& [rows, inputs] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {11, 6}, {23, 65}, {16, 128}, {40, 331}}) {
    std::vector<std::uint16_t> halves(3 * rows * inputs);
    std::vector<float> values(halves.size());
    for (std::size_t i = 0; i < halves.size(); ++i) {
      halves[i] = static_cast<std::uint16_t>(0x3000 + random() % 0x800 + (random() % 2 << 15));
      values[i] = WidenHalf(halves[i]);
    }
    const std::size_t size = rows * inputs;
    const std::vector<WeightView> views = {
        {values.data(), rows, inputs, DType::kF32, nullptr},
        {halves.data() + size, rows, inputs, DType::kF16, nullptr},
        {values.data() + 2 * size, rows, inputs, DType::kF32, nullptr}};
    const std::vector<std::vector<float>> biases(3, std::vector<float>(rows));
    for (const DType dtype : kTypes) {
      const std::optional<PanelLayout> layout = set.LayoutOf(dtype);
      if (!layout) continue;
      const std::size_t bytes = layout->Bytes(3 * rows, inputs);
      WeightMemory memory;
      memory.Take(1);
      WeightMemory before = memory;  // gives the same place
      if (bytes != 0) std::memset(before.Take(bytes).get(), 0xAA, bytes);
      const auto packed = set.Pack(views, biases, dtype, pool, memory);
      const auto& panels = static_cast<const PackedPanels&>(*packed);
      std::vector<std::byte> expected(bytes);
      for (std::size_t o = 0; o < 3 * rows; ++o) {
        std::vector<float> scratch(inputs);
        std::vector<std::int8_t> row(inputs);
        if (dtype == DType::kI8) {
          ReadRowAsInt8(views[o / rows], o % rows, layout->quad_limit, scratch, row.data());
        }
        for (std::size_t k = 0; k < inputs; ++k) {
          const std::size_t at = PlaceOf(*layout, inputs, o, k) * ElementBytes(dtype);
          const float value = values[o * inputs + k];
          const std::uint16_t bits =
              dtype == DType::kF16 ? NarrowHalf(value) : NarrowBfloat16(value);
          const void* const element = dtype == DType::kI8    ? static_cast<const void*>(&row[k])
                                      : dtype == DType::kF32 ? static_cast<const void*>(&value)
                                                             : &bits;
          std::memcpy(&expected[at], element, ElementBytes(dtype));
        }
      }
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), panels.panels().begin(),
                             panels.panels().end()))
          << DTypeName(dtype) << " " << rows << " " << inputs;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, StoredPanels, testing::ValuesIn(AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

TEST(Layouts, AreReadByTheSetsThatHaveThem) {
  for (const KernelSet* set : AvailableKernelSets()) {
    std::vector<PanelLayout> layouts;
    EXPECT_FALSE(ReadsLayouts(*set, layouts));
    for (const DType dtype : kTypes) {
      const std::optional<PanelLayout> layout = set->LayoutOf(dtype);
      const bool packs = set->name() != "portable" && set->name() != "openblas";
      EXPECT_EQ(layout.has_value(), packs && set->Supports(dtype, 1)) << set->name();
      if (layout) layouts.push_back(*layout);
    }
    if (layouts.empty()) continue;
    EXPECT_TRUE(ReadsLayouts(*set, layouts));
    const auto names = KernelSetsReading(layouts);
    EXPECT_NE(std::find(names.begin(), names.end(), set->name()), names.end());
    ++layouts.back().width;
    EXPECT_FALSE(ReadsLayouts(*set, layouts));
    EXPECT_TRUE(KernelSetsReading(layouts).empty());
  }
}

TEST(Layouts, OfOddSizesAreWholePanelsOfWholeLines) {
  const PanelLayout int8 = PackedPanels::LayoutOf(32, DType::kI8);
  EXPECT_EQ(int8, (PanelLayout{DType::kI8, 32, 4, 64}));
  EXPECT_EQ(int8.Bytes(33, 65), 64U * 128);
  EXPECT_EQ(PackedPanels::LayoutOf(16, DType::kI8, 258), (PanelLayout{DType::kI8, 16, 4, 64, 258}));
  const PanelLayout half = PackedPanels::LayoutOf(16, DType::kF16);
  EXPECT_EQ(half, (PanelLayout{DType::kF16, 16, 1, 1}));
  EXPECT_EQ(half.Bytes(17, 3), 2U * 16 * 3 * 2);
}

}  // namespace
}  // namespace radie::kernels
