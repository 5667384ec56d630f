// Panels that were packed before, in another's memory, compute what fresh ones do.
#include "libradie/kernels/packed_panels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

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
      const auto packed = set.Pack({&view, 1}, {&bias, 1}, dtype);
      const auto& fresh = static_cast<const PackedPanels&>(*packed);
      ASSERT_EQ(fresh.panels().size(), layout->Bytes(outputs, inputs));
      for (const std::size_t shift : {0, 1, 4, 32}) {
        const PanelsElsewhere elsewhere(fresh.panels(), shift);
        PackedPanels stored(inputs, outputs, *layout, elsewhere.data());
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
