#include <gtest/gtest.h>

#include <algorithm>
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
  for (std::string_view name : {"avx2", "openblas"}) {
    const bool listed = std::any_of(sets.begin(), sets.end(),
                                    [&](const KernelSet* set) { return set->name() == name; });
    EXPECT_EQ(FindKernelSet(name) != nullptr, listed) << name;
  }
}

}  // namespace
}  // namespace radie::kernels
