// Rows rounded to int8, and within a limit of what four of their weights sum to.
#include "libradie/kernels/weight_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace radie::kernels {
namespace {

constexpr std::size_t kLimit = 258;

struct Row {
  std::vector<std::int8_t> bytes;
  float scale;
};

Row Rounded(const std::vector<float>& values, std::size_t limit) {
  const WeightView view{values.data(), 1, values.size(), DType::kF32, nullptr};
  std::vector<float> scratch(values.size());
  Row row{std::vector<std::int8_t>(values.size()), 0};
  row.scale = ReadRowAsInt8(view, 0, limit, scratch, row.bytes.data());
  return row;
}

Row Stored(const std::vector<std::int8_t>& values, float scale, std::size_t limit) {
  const WeightView view{values.data(), 1, values.size(), DType::kI8, &scale};
  std::vector<float> scratch(values.size());
  Row row{std::vector<std::int8_t>(values.size()), 0};
  row.scale = ReadRowAsInt8(view, 0, limit, scratch, row.bytes.data());
  return row;
}

// Each quad by itself, as the limit defines it.
int LargestQuad(const std::vector<std::int8_t>& row) {
  int largest = 0;
  for (std::size_t begin = 0; begin < row.size(); begin += 8) {
    for (const std::size_t half : {0, 2}) {
      int above = 0, below = 0;
      for (const std::size_t i : {half, half + 1, half + 4, half + 5}) {
        if (begin + i >= row.size()) continue;
        (row[begin + i] > 0 ? above : below) += row[begin + i];
      }
      largest = std::max({largest, above, -below});
    }
  }
  return largest;
}

TEST(RowAsInt8, IsRoundedToTheNearestAndTiesToEven) {
  const Row row = Rounded({127, 0.5f, 1.5f, 2.5f, 126.5f, -0.5f, -1.5f, -2.5f, 0.49f, -0.51f}, 0);
  EXPECT_EQ(row.scale, 1.0f);
  EXPECT_EQ(row.bytes, (std::vector<std::int8_t>{127, 0, 2, 2, 126, 0, -2, -2, 0, -1}));
}

TEST(RowsWithinALimit, ThatFitAreAsWithoutOne) {
  std::vector<float> values(32, 0.0f);
  values[0] = 1.0f, values[5] = 1.0f, values[2] = -1.0f, values[6] = 0.5f;
  const Row free = Rounded(values, 0), limited = Rounded(values, kLimit);
  EXPECT_EQ(free.bytes, limited.bytes);
  EXPECT_EQ(free.scale, limited.scale);
  EXPECT_EQ(Stored({127, 127, 0, 0, 4, 0}, 0.5f, kLimit).scale, 0.5f);
}

TEST(RowsWithinALimit, ThatDoNotAreRoundedMoreCoarsely) {
  std::mt19937 random(1);
  std::size_t coarser = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<float> values(1 + random() % 200);
    std::uniform_real_distribution<float> draw(-1.0f, 1.0f);
    for (float& value : values) value = draw(random) + (round % 4 == 0 ? 0.7f : 0.0f);
    const Row free = Rounded(values, 0), limited = Rounded(values, kLimit);
    ASSERT_LE(LargestQuad(limited.bytes), static_cast<int>(kLimit));
    if (LargestQuad(free.bytes) <= static_cast<int>(kLimit)) {
      ASSERT_EQ(free.bytes, limited.bytes);
      continue;
    }
    ++coarser;
    ASSERT_GT(limited.scale, free.scale);
    ASSERT_LT(limited.scale, 2.02f * free.scale);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i], limited.scale * limited.bytes[i], 0.501f * limited.scale);
    }
  }
  EXPECT_GT(coarser, 500U);
}

TEST(RowsWithinALimit, StoredOnesAreRoundedAnewWhateverTheirScale) {
  const std::vector<std::int8_t> all(64, -128), some(8, 65);
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  for (const float scale : {1.0f, 0.37f, 1e-30f, kTiny, 0.0f, -2.0f, 1e36f, 3e38f}) {
    for (const auto& row : {all, some}) {
      const Row limited = Stored(row, scale, kLimit);
      ASSERT_LE(LargestQuad(limited.bytes), static_cast<int>(kLimit)) << scale;
      if (std::fabs(scale) < 1e-37f || scale > 1e37f) continue;  // weights that no float holds
      ASSERT_NEAR(limited.scale * limited.bytes[3] / (scale * row[3]), 1.0f, 0.01f)
          << scale << " " << limited.scale;
    }
  }
}

}  // namespace
}  // namespace radie::kernels
