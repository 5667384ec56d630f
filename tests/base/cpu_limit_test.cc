#include "libradie/base/cpu_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace radie {
namespace {

class CpuLimit : public testing::Test {
 protected:
  void SetUp() override {
    const testing::TestInfo* info = testing::UnitTest::GetInstance()->current_test_info();
    root_ = testing::TempDir() + "radie_cpu_limit_" + info->name();
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path full = root_ + "/" + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }

  std::string root_;
};

TEST_F(CpuLimit, NoneWhenNothingIsSet) {
  EXPECT_EQ(CgroupCpuLimit("", root_), std::nullopt);
  EXPECT_EQ(CgroupCpuLimit("0::/a/b\n", root_), std::nullopt);
  Write("a/cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/a\n", root_), std::nullopt);
}

TEST_F(CpuLimit, Version2IsRoundedUp) {
  Write("a/cpu.max", "150000 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/a\n", root_), 2u);
  Write("a/cpu.max", "200000 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/a\n", root_), 2u);
  Write("a/cpu.max", "1000 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/a\n", root_), 1u);
}

TEST_F(CpuLimit, TheSmallestOfTheGroupsAboveCounts) {
  Write("a/cpu.max", "300000 100000\n");
  Write("a/b/cpu.max", "max 100000\n");
  Write("a/b/c/cpu.max", "500000 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/a/b/c\n", root_), 3u);
}

TEST_F(CpuLimit, InsideAContainerTheMountsRootCounts) {
  Write("cpu.max", "400000 100000\n");
  EXPECT_EQ(CgroupCpuLimit("0::/docker/0123abc\n", root_), 4u);
  EXPECT_EQ(CgroupCpuLimit("0::/\n", root_), 4u);
}

TEST_F(CpuLimit, Version1) {
  Write("cpu/x/cpu.cfs_quota_us", "250000\n");
  Write("cpu/x/cpu.cfs_period_us", "100000\n");
  const std::string memberships = "7:memory:/x\n4:cpu,cpuacct:/x\n1:cpuset:/y\n";
  EXPECT_EQ(CgroupCpuLimit(memberships, root_), 3u);
  Write("cpu/x/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(CgroupCpuLimit(memberships, root_), std::nullopt);
}

TEST_F(CpuLimit, NonsenseIsIgnored) {
  for (const char* text : {"", "garbage", "100000", "100000 0", "-5 100000", "1e99 x", "100000 -1",
                           "99999999999999999999999 1"}) {
    Write("a/cpu.max", text);
    EXPECT_EQ(CgroupCpuLimit("0::/a\n", root_), std::nullopt) << text;
  }
  EXPECT_EQ(CgroupCpuLimit("no colons\n:\n::\n0:cpu\n", root_), std::nullopt);
}

}  // namespace
}  // namespace radie
