// Groups of markers behind a text: what they read, and that nothing else changes a bit of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "tests/nn/golden_encoder.h"

namespace radie {
namespace {

constexpr std::size_t kRows = MarkerGroup::kRows;

struct Text {
  std::vector<std::int32_t> ids;
  std::vector<MarkerGroup> groups;
};

Text RandomText(std::mt19937& random, const EncoderConfig& config, std::size_t length,
                std::size_t groups) {
  const auto below = [&](std::size_t limit) { return static_cast<std::int32_t>(random() % limit); };
  Text text{std::vector<std::int32_t>(length), std::vector<MarkerGroup>(groups)};
  for (std::int32_t& id : text.ids) id = below(config.vocab_size);
  for (MarkerGroup& group : text.groups) {
    for (std::size_t i = 0; i < kRows; ++i) {
      group.ids[i] = below(config.vocab_size), group.positions[i] = below(length);
    }
  }
  return text;
}

bool SameRows(const Tensor& a, std::size_t a_row, const Tensor& b, std::size_t b_row,
              std::size_t rows) {
  return std::memcmp(a.view().row(a_row), b.view().row(b_row), rows * a.cols() * sizeof(float)) ==
         0;
}

class MarkerGroups : public testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  // Calls body(encoder) for every precision of the set, of encoders of odd sizes.
  template <typename Body>
  void ForEachEncoder(const Body& body) const {
    for (const std::string name : {"h36_heads3", "h20_heads2", "electra", "roformer"}) {
      for (DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kI8}) {
        if (!GetParam()->Supports(dtype, 64)) continue;
        SCOPED_TRACE(name + ", " + std::string(DTypeName(dtype)));
        body(LoadGoldenEncoder(name, {*GetParam(), dtype}));
      }
    }
  }

  std::mt19937 random_{3};
};

// A text has the bits that it has by itself; a group those that it has alone behind its text.
TEST_P(MarkerGroups, NeitherOtherGroupsNorTheBatchNorThreadsChangeABit) {
  ForEachEncoder([&](const BertEncoder& encoder) {
    std::vector<Text> texts;
    for (const auto& [length, groups] : {std::pair{1, 3}, {17, 0}, {40, 70}, {33, 1}}) {
      texts.push_back(RandomText(random_, encoder.config(), length, groups));
    }
    RaggedBatch batch;
    for (const Text& text : texts) batch.Add(text.ids, {}, text.groups);
    ThreadPool one(1), three(3);
    const Tensor together = Encode(encoder, batch, three);
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const auto& [ids, groups] = texts[t];
      RaggedBatch plain;
      plain.Add(ids);
      EXPECT_TRUE(SameRows(Encode(encoder, plain, one), 0, together, batch.offsets[t], ids.size()));
      for (std::size_t g = 0; g < groups.size(); g += 1 + g / 4) {
        RaggedBatch alone;
        alone.Add(ids, {}, std::span(groups).subspan(g, 1));
        EXPECT_TRUE(SameRows(Encode(encoder, alone, one), ids.size(), together,
                             batch.text_end(t) + g * kRows, kRows))
            << "text " << t << ", group " << g;
      }
    }
  });
}

// Leaves every bit set, which is NaN as a number of any type of float, in all that the pool lends.
void FillWithNaN(ThreadPool& pool) {
  constexpr std::size_t kMore = std::size_t{4} << 20;  // than any pass of these encoders takes
  for (BufferPool* buffers : {&pool.buffers(), &pool.result_buffers(), &pool.task_buffers()}) {
    const BufferPool::Lease one = buffers->Take(kMore), two = buffers->Take(kMore);
    std::memset(one.data(), 0xff, kMore);
    std::memset(two.data(), 0xff, kMore);
  }
}

TEST_P(MarkerGroups, WhatWorkingMemoryHeldChangesNoBit) {
  ForEachEncoder([&](const BertEncoder& encoder) {
    RaggedBatch batch;
    for (const auto& [length, groups] : {std::pair{1, 3}, {17, 0}, {40, 70}}) {
      const Text text = RandomText(random_, encoder.config(), length, groups);
      batch.Add(text.ids, {}, text.groups);
    }
    ThreadPool fresh(1), used(3);
    FillWithNaN(used);
    EXPECT_TRUE(SameRows(Encode(encoder, batch, fresh), 0, Encode(encoder, batch, used), 0,
                         batch.tokens()));
  });
}

TEST_P(MarkerGroups, SomeRowsAloneHaveTheSameBits) {
  ForEachEncoder([&](const BertEncoder& encoder) {
    RaggedBatch batch;
    for (const auto& [length, groups] : {std::pair{5, 30}, {9, 0}, {20, 2}}) {
      const Text text = RandomText(random_, encoder.config(), length, groups);
      batch.Add(text.ids, {}, text.groups);
    }
    ThreadPool pool(2);
    const Tensor all = Encode(encoder, batch, pool);
    std::vector<std::size_t> starts, third, groups_only(batch.offsets[1] - batch.text_end(0));
    std::iota(groups_only.begin(), groups_only.end(), batch.text_end(0));
    for (std::size_t r = 0; r < batch.tokens(); r += 3) third.push_back(r);
    for (std::size_t r = batch.text_end(0); r < batch.offsets[1]; r += 2) starts.push_back(r);
    for (const auto& rows : {starts, third, groups_only, {batch.text_end(2) + 5}}) {
      const Tensor some = EncodeRows(encoder, batch, rows, pool);
      ASSERT_EQ(some.rows(), rows.size());
      for (std::size_t r = 0; r < rows.size(); ++r) {
        ASSERT_TRUE(SameRows(some, r, all, rows[r], 1)) << "row " << rows[r];
      }
    }
  });
}

// A row of a group depends on its text, its ids and positions, and on its group's other rows.
TEST_P(MarkerGroups, AGroupReadsItsTextAndItself) {
  const BertEncoder encoder = LoadGoldenEncoder("h32_heads4", *GetParam());
  const Text text = RandomText(random_, encoder.config(), 12, 2);
  ThreadPool pool(1);
  const auto encode = [&](const Text& of) {
    RaggedBatch batch;
    batch.Add(of.ids, {}, of.groups);
    return Encode(encoder, batch, pool);
  };
  const Tensor before = encode(text);
  const auto changed = [&](const Text& other, std::size_t row) {
    return !SameRows(before, row, encode(other), row, 1);
  };
  Text other = text;
  other.groups[0].ids[3] ^= 1;
  EXPECT_TRUE(changed(other, 12));  // the first row of the group reads its last one
  EXPECT_FALSE(changed(other, 16));
  EXPECT_FALSE(changed(other, 3));
  other = text;
  other.groups[1].positions[0] = (other.groups[1].positions[0] + 1) % 12;
  EXPECT_TRUE(changed(other, 16));
  EXPECT_FALSE(changed(other, 12));
  other = text;
  other.ids[5] ^= 1;
  EXPECT_TRUE(changed(other, 12));
  EXPECT_TRUE(changed(other, 19));
}

// With another token's id and position a marker is that token, but for who reads it.
TEST_P(MarkerGroups, PositionsAreThoseOfTheText) {
  const BertEncoder encoder = LoadGoldenEncoder("h32_heads4", *GetParam());
  Text text = RandomText(random_, encoder.config(), 10, 1);
  for (std::size_t i = 0; i < kRows; ++i) {
    text.groups[0].positions[i] = static_cast<std::int32_t>(2 * i);
    text.groups[0].ids[i] = text.ids[2 * i];
  }
  RaggedBatch batch;
  batch.Add(text.ids, {}, text.groups);
  ThreadPool pool(1);
  std::size_t layers = 0;
  Encode(encoder, batch, pool, [&](std::size_t layer, ConstMatrixView states) {
    ++layers;
    if (layer > 0) return;
    for (std::size_t i = 0; i < kRows; ++i) {
      EXPECT_TRUE(
          std::equal(states.row(2 * i), states.row(2 * i) + states.cols, states.row(10 + i)));
    }
  });
  EXPECT_GT(layers, 1u);
}

INSTANTIATE_TEST_SUITE_P(Kernels, MarkerGroups, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

TEST(RaggedBatch, GroupsKeepTextsAndPositionsInStep) {
  RaggedBatch batch;
  batch.Add({1, 2}, {0, 1});
  EXPECT_TRUE(batch.positions.empty());
  const MarkerGroup group = {{7, 8, 9, 7}, {0, 0, 2, 1}};
  batch.Add({3, 4, 5}, {}, std::span(&group, 1));
  batch.Add({6});
  using Numbers = std::vector<std::int32_t>;
  EXPECT_EQ(batch.ids, (Numbers{1, 2, 3, 4, 5, 7, 8, 9, 7, 6}));
  EXPECT_EQ(batch.positions, (Numbers{0, 1, 0, 1, 2, 0, 0, 2, 1, 0}));
  EXPECT_EQ(batch.token_types, (Numbers{0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(batch.texts, (std::vector<std::size_t>{2, 3, 1}));
  EXPECT_EQ(batch.offsets, (std::vector<std::size_t>{0, 2, 9, 10}));
  EXPECT_EQ(batch.text_end(1), 5u);
}

}  // namespace
}  // namespace radie
