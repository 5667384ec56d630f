#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "libradie/kernels/kernels.h"

namespace radie::kernels {
namespace {

TEST(Registry, PortableIsAlwaysThereAndOpenBlasNeverFirst) {
  const std::vector<const KernelSet*> sets = AvailableKernelSets();
  ASSERT_FALSE(sets.empty());
  EXPECT_NE(FindKernelSet("portable"), nullptr);
  EXPECT_NE(sets.front()->name(), "openblas");
}

TEST(Registry, FindsWhatIsAvailableAndNothingElse) {
  const std::vector<const KernelSet*> sets = AvailableKernelSets();
  for (const KernelSet* set : sets) EXPECT_EQ(FindKernelSet(set->name()), set);
  for (std::string_view name : {"", "Portable", "avx", "neon"}) {
    EXPECT_EQ(FindKernelSet(name), nullptr) << name;
  }
}

// Says in the run's summary which kernels this machine could not test.
class KnownSet : public testing::TestWithParam<const char*> {};

TEST_P(KnownSet, IsTestedHere) {
  if (FindKernelSet(GetParam()) == nullptr) {
    GTEST_SKIP() << "kernel set " << GetParam()
                 << " is not in this build or not for this machine: NOT TESTED";
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, KnownSet,
                         testing::Values("portable", "openblas", "avx2", "avx2_vnni", "avx512",
                                         "avx512_vnni", "avx512_bf16", "amx"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Registry, EverySetComputesInFloat32AndFloat16) {
  for (const KernelSet* set : AvailableKernelSets()) {
    EXPECT_TRUE(set->Supports(DType::kF32, 1)) << set->name();
    EXPECT_TRUE(set->Supports(DType::kF16, 100'000)) << set->name();
    EXPECT_FALSE(set->Supports(DType::kI8, 100'000)) << set->name();  // sums could overflow
    for (const DType dtype : {DType::kF32, DType::kF16}) {
      EXPECT_EQ(set->PreparedBytes(dtype, 64) != 0, set->name() == "amx") << set->name();
    }
  }
}

}  // namespace
}  // namespace radie::kernels
