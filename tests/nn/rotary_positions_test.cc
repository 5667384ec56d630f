#include "libradie/nn/rotary_positions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/nn/golden_encoder.h"
#include "tests/nn/naive_encoder.h"
#include "tests/nn/random_encoder.h"

namespace radie {
namespace {

TEST(RotaryPositions, TurnsEveryPairByItsAngle) {
  for (const std::size_t size : {2, 4, 6, 10, 64}) {
    constexpr std::size_t kHeads = 3, kPositions = 300;
    const RotaryPositions rotary(kPositions, size, 500);
    std::vector<float> row(kHeads * size + 1, 0.5f);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i % 7) - 2.5f;
    const std::vector<float> before = row;
    for (const std::size_t position : {0, 1, 17, 299}) {
      row = before;
      rotary.Turn(position, kHeads, row.data());
      EXPECT_EQ(row.back(), before.back());  // behind the last head
      for (std::size_t i = 0; i < kHeads * size; i += 2) {
        const double share = static_cast<double>(i % size) / static_cast<double>(size);
        const double angle = static_cast<double>(position) * std::pow(500, -share);
        const double x0 = before[i], x1 = before[i + 1];
        EXPECT_NEAR(row[i], x0 * std::cos(angle) - x1 * std::sin(angle), 1e-6);
        EXPECT_NEAR(row[i + 1], x1 * std::cos(angle) + x0 * std::sin(angle), 1e-6);
      }
    }
  }
}

struct Shape {
  std::size_t heads, size;  // of a head
  std::size_t inner;
  double theta;
};

EncoderConfig ConfigOf(const Shape& shape) {
  EncoderConfig config;
  config.layers = 2, config.attention_heads = shape.heads;
  config.hidden_size = config.embedding_size = shape.heads * shape.size;
  config.intermediate_size = shape.inner, config.vocab_size = 40, config.max_positions = 80;
  config.type_vocab_size = 2, config.rope_theta = shape.theta;
  return config;
}

constexpr Shape kShapes[] = {
    {3, 2, 10, 10'000}, {3, 4, 23, 10'000}, {5, 6, 31, 500.5}, {1, 64, 50, 1.5}, {2, 64, 130, 1e6}};

// Texts of odd lengths; the groups of some stand at any of their positions.
RaggedBatch TextsWithGroups(const EncoderConfig& config, bool groups) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return static_cast<std::int32_t>(random() % limit); };
  RaggedBatch batch;
  for (const std::size_t length : {1, 2, 19, 37, 80}) {
    std::vector<std::int32_t> ids(length);
    for (std::int32_t& id : ids) id = below(config.vocab_size);
    std::vector<MarkerGroup> beside(groups ? length % 5 : 0);
    for (MarkerGroup& group : beside) {
      for (std::int32_t& id : group.ids) id = below(config.vocab_size);
      for (std::int32_t& position : group.positions) position = below(length);
    }
    batch.Add(ids, {}, beside);
  }
  return batch;
}

class RotaryEncoder : public testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  // Calls body(encoder, model, config) for every shape and precision of the set.
  template <typename Body>
  void ForEachEncoder(const Body& body) const {
    for (const Shape& shape : kShapes) {
      const EncoderConfig config = ConfigOf(shape);
      const ModelFile file = RandomWeights(config, 1.5f).Build();
      for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kI8}) {
        if (!GetParam()->Supports(dtype, 130)) continue;
        SCOPED_TRACE(std::to_string(shape.heads) + " heads of " + std::to_string(shape.size) +
                     ", " + std::string(DTypeName(dtype)));
        WeightSource weights(file);
        body(BertEncoder(weights, "", config, Arithmetic(*GetParam(), dtype)), file, config, dtype);
      }
    }
  }
};

// The share of the error that each type leaves, as measured with some room.
double LimitOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 5e-6;
    case DType::kF16:
      return 2e-3;
    case DType::kBF16:
      return 2e-2;
    case DType::kI8:
      return 0.1;
  }
  return 0;
}

TEST_P(RotaryEncoder, AgreesWithTheNaiveTwin) {
  ThreadPool pool(2);
  ForEachEncoder(
      [&](const BertEncoder& encoder, const ModelFile& file, EncoderConfig config, DType dtype) {
        for (const bool groups : {false, true}) {
          const RaggedBatch batch = TextsWithGroups(config, groups);
          const Tensor states = Encode(encoder, batch, pool);
          const Tensor expected = NaiveEncoder(file, config).Encode(batch);
          EXPECT_LT(RelativeRms(states.view(), expected.view()), LimitOf(dtype)) << groups;
          EncoderConfig plain = config;
          plain.rope_theta.reset();
          const Tensor unturned = NaiveEncoder(file, plain).Encode(batch);
          EXPECT_GT(RelativeRms(unturned.view(), expected.view()), 0.2) << groups;
        }
      });
}

TEST_P(RotaryEncoder, NeitherRowsNorBatchNorThreadsChangeABit) {
  ThreadPool one(1), three(3);
  ForEachEncoder([&](const BertEncoder& encoder, const ModelFile&, const EncoderConfig& config,
                     DType) {
    const RaggedBatch batch = TextsWithGroups(config, true);
    const Tensor all = Encode(encoder, batch, one);
    const auto same = [&](const Tensor& some, std::size_t row, std::size_t as) {
      return std::memcmp(some.view().row(row), all.view().row(as), all.cols() * sizeof(float)) == 0;
    };
    const Tensor threads = Encode(encoder, batch, three);
    for (std::size_t r = 0; r < batch.tokens(); ++r) ASSERT_TRUE(same(threads, r, r)) << r;
    for (const std::size_t step : {1, 2, 5}) {
      std::vector<std::size_t> rows;
      for (std::size_t r = step - 1; r < batch.tokens(); r += step) rows.push_back(r);
      const Tensor some = EncodeRows(encoder, batch, rows, three);
      for (std::size_t r = 0; r < rows.size(); ++r) ASSERT_TRUE(same(some, r, rows[r])) << r;
    }
    RaggedBatch alone;  // the last text, whose rows stand elsewhere in the batch
    const std::size_t last = batch.offsets[batch.sequences() - 1], end = batch.tokens();
    ASSERT_EQ(batch.text_end(batch.sequences() - 1), end);
    alone.Add({batch.ids.begin() + static_cast<std::ptrdiff_t>(last), batch.ids.end()});
    const Tensor text = Encode(encoder, alone, one);
    for (std::size_t r = 0; r < text.rows(); ++r) ASSERT_TRUE(same(text, r, last + r)) << r;
  });
}

INSTANTIATE_TEST_SUITE_P(Kernels, RotaryEncoder, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

}  // namespace
}  // namespace radie
