#include "libradie/nn/bert_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "tests/nn/golden_encoder.h"

namespace radie {
namespace {

class EncoderTest : public testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  BertEncoder Load(const std::string& name) const { return LoadGoldenEncoder(name, *GetParam()); }
};

// Largest difference between the given rows of `states` and `expected` [rows, H].
double MaxError(ConstMatrixView states, const std::vector<std::size_t>& rows,
                const std::vector<float>& expected) {
  EXPECT_EQ(expected.size(), rows.size() * states.cols);
  double worst = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t c = 0; c < states.cols; ++c) {
      const double error =
          std::fabs(double{states.row(rows[i])[c]} - expected[i * states.cols + c]);
      worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
  }
  return worst;
}

std::vector<std::size_t> RowsOf(const ExpectedTensors& expected, std::size_t length) {
  const std::string name = "rows." + std::to_string(length);
  if (expected.Has(name)) {
    const std::vector<std::int32_t> rows = expected.Read<std::int32_t>(name);
    return {rows.begin(), rows.end()};
  }
  std::vector<std::size_t> rows(length);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

TEST_P(EncoderTest, EveryLayerAgreesWithTransformers) {
  ThreadPool pool(2);
  for (const std::string name : kGoldenEncoders) {
    const BertEncoder encoder = Load(name);
    const ExpectedTensors expected(name);
    std::size_t compared = 0;
    for (std::size_t length : expected.Lengths()) {
      const std::string key = std::to_string(length);
      RaggedBatch batch;
      batch.Add(expected.Read<std::int32_t>("ids." + key));
      std::size_t next = 0;
      Encode(encoder, batch, pool, [&](std::size_t layer, ConstMatrixView states) {
        EXPECT_EQ(layer, next++);
        const std::string tensor = "layer." + std::to_string(layer) + "." + key;
        if (!expected.Has(tensor)) return;
        ++compared;
        EXPECT_LE(MaxError(states, RowsOf(expected, length), expected.Read<float>(tensor)), 1e-4)
            << name << ", " << tensor;
      });
      EXPECT_EQ(next, encoder.config().layers + 1);
    }
    EXPECT_GE(compared, expected.Lengths().size()) << name;
  }
}

std::vector<std::vector<std::int32_t>> GoldenSequences(const std::string& name) {
  const ExpectedTensors expected(name);
  std::vector<std::vector<std::int32_t>> sequences;
  for (std::size_t length : expected.Lengths()) {
    sequences.push_back(expected.Read<std::int32_t>("ids." + std::to_string(length)));
  }
  return sequences;
}

TEST_P(EncoderTest, NeitherBatchNorOrderNorThreadsChangeABit) {
  for (const std::string name : kGoldenEncoders) {
    const BertEncoder encoder = Load(name);
    std::vector<std::vector<std::int32_t>> sequences = GoldenSequences(name);
    ThreadPool one_thread(1);
    std::vector<Tensor> alone;
    for (const auto& sequence : sequences) {
      RaggedBatch batch;
      batch.Add(sequence);
      alone.push_back(Encode(encoder, batch, one_thread));
    }
    std::vector<std::size_t> order(sequences.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t threads : {1, 2, 3}) {
      ThreadPool pool(threads);
      std::rotate(order.begin(), order.begin() + 2 % order.size(), order.end());
      RaggedBatch batch;
      for (std::size_t s : order) batch.Add(sequences[s]);
      const Tensor states = Encode(encoder, batch, pool);
      for (std::size_t i = 0; i < order.size(); ++i) {
        const ConstMatrixView own = std::as_const(alone[order[i]]).view();
        ASSERT_EQ(std::memcmp(states.view().row(batch.offsets[i]), own.data,
                              own.rows * own.cols * sizeof(float)),
                  0)
            << name << ", length " << own.rows << ", " << threads << " threads";
      }
    }
  }
}

// The precisions that the set computes in.
std::vector<DType> PrecisionsOf(const kernels::KernelSet& set) {
  std::vector<DType> precisions;
  for (DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kI8}) {
    if (set.Supports(dtype, 64)) precisions.push_back(dtype);
  }
  return precisions;
}

// Every other row, the last one alone, all, and none of a middle sequence.
std::vector<std::vector<std::size_t>> RowChoices(const RaggedBatch& batch) {
  std::vector<std::size_t> firsts, odd, all, ends;
  for (std::size_t s = 0; s < batch.sequences(); ++s) firsts.push_back(batch.offsets[s]);
  for (std::size_t r = 0; r < batch.tokens(); ++r) {
    all.push_back(r);
    if (r % 2 == 1) odd.push_back(r);
    if (r < batch.offsets[1] || r >= batch.offsets[batch.sequences() - 1]) ends.push_back(r);
  }
  return {firsts, odd, all, ends, {batch.tokens() - 1}, {}};
}

TEST_P(EncoderTest, SomeRowsAloneHaveTheSameBits) {
  for (const std::string name : kGoldenEncoders) {
    RaggedBatch batch;
    for (const auto& sequence : GoldenSequences(name)) batch.Add(sequence);
    for (const DType precision : PrecisionsOf(*GetParam())) {
      const BertEncoder encoder = LoadGoldenEncoder(name, {*GetParam(), precision});
      ThreadPool pool(2);
      const Tensor expected = Encode(encoder, batch, pool);
      for (const std::vector<std::size_t>& rows : RowChoices(batch)) {
        const Tensor some = EncodeRows(encoder, batch, rows, pool);
        ASSERT_EQ(some.rows(), rows.size());
        ASSERT_EQ(some.cols(), expected.cols());
        for (std::size_t r = 0; r < rows.size(); ++r) {
          ASSERT_EQ(std::memcmp(some.view().row(r), expected.view().row(rows[r]),
                                expected.cols() * sizeof(float)),
                    0)
              << name << ", " << DTypeName(precision) << ", row " << rows[r];
        }
      }
    }
  }
}

TEST_P(EncoderTest, ManyCallersShareOneEncoder) {
  const BertEncoder encoder = Load("h36_heads3");
  ThreadPool pool(2);
  RaggedBatch batch;
  for (const auto& sequence : GoldenSequences("h36_heads3")) batch.Add(sequence);
  const Tensor expected = Encode(encoder, batch, pool);
  std::vector<int> equal(3, 0);
  std::vector<std::thread> callers;
  for (int& result : equal) {
    callers.emplace_back([&] {
      const Tensor states = Encode(encoder, batch, pool);
      result = std::memcmp(states.view().data, expected.view().data,
                           states.rows() * states.cols() * sizeof(float)) == 0;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(equal, std::vector<int>(3, 1));
}

TEST_P(EncoderTest, TokenTypesMatter) {
  const BertEncoder encoder = Load("h32_heads4");
  ThreadPool pool(1);
  RaggedBatch plain, zeros, ones;
  for (RaggedBatch* batch : {&plain, &zeros, &ones}) batch->Add({1, 2, 3});
  zeros.token_types = {0, 0, 0};
  ones.token_types = {0, 1, 0};
  const Tensor a = Encode(encoder, plain, pool), b = Encode(encoder, zeros, pool),
               c = Encode(encoder, ones, pool);
  const std::size_t bytes = a.rows() * a.cols() * sizeof(float);
  EXPECT_EQ(std::memcmp(a.view().data, b.view().data, bytes), 0);
  EXPECT_NE(std::memcmp(a.view().data, c.view().data, bytes), 0);
}

TEST_P(EncoderTest, AnEmptyBatchIsNoRows) {
  const BertEncoder encoder = Load("h7_heads7");
  ThreadPool pool(2);
  const Tensor states = Encode(encoder, {}, pool);
  EXPECT_EQ(states.rows(), 0u);
  EXPECT_EQ(states.cols(), 7u);
}

INSTANTIATE_TEST_SUITE_P(Kernels, EncoderTest, testing::ValuesIn(kernels::AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name()); });

TEST(RaggedBatch, AddKeepsTypesInStep) {
  RaggedBatch batch;
  batch.Add({1, 2});
  EXPECT_TRUE(batch.token_types.empty());
  batch.token_types = {0, 1};
  batch.Add({3});
  EXPECT_EQ(batch.token_types, (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(batch.offsets, (std::vector<std::size_t>{0, 2, 3}));
}

}  // namespace
}  // namespace radie
