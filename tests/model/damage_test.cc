// Whatever happens to a model file's bytes, it is refused with radie::Error or reads as another
// well-formed model.
#include <gtest/gtest.h>

#include <random>

#include "libradie/model/config.h"
#include "libradie/model/weights.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::FromBytes;
using testing::ReadGolden;

// Reads all there is. True when the bytes are a model.
bool Reads(const std::string& bytes) {
  try {
    const ModelFile file = FromBytes(bytes);
    ParseModelConfig(file);
    for (const TensorEntry& tensor : file.tensors()) {
      EXPECT_LE(ToFloats(tensor).size(), bytes.size());
    }
    EXPECT_EQ(file.size(), bytes.size());
    return true;
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    EXPECT_LE(error.offset().value_or(0), bytes.size());
    return false;
  }
}

class Damage : public ::testing::TestWithParam<const char*> {};

TEST_P(Damage, EveryTruncationIsRefused) {
  const std::string bytes = ReadGolden(GetParam());
  ASSERT_TRUE(Reads(bytes));
  // Behind the header all cuts are alike: there every 97th.
  std::size_t header = 8;
  for (int i = 0; i < 8; ++i) header += std::size_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  for (std::size_t size = 0; size < bytes.size(); size += size <= header ? 1 : 97) {
    ASSERT_FALSE(Reads(bytes.substr(0, size))) << size;
  }
  ASSERT_FALSE(Reads(bytes.substr(0, bytes.size() - 1)));
}

TEST_P(Damage, FlippedBytesNeverDoWorse) {
  const std::string bytes = ReadGolden(GetParam());
  std::size_t header = 8;
  for (int i = 0; i < 8; ++i) header += std::size_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string damaged = bytes;
    const int flips = 1 + static_cast<int>(random() % 3);
    for (int flip = 0; flip < flips; ++flip) {
      const std::size_t at = random() % (round % 10 == 0 ? bytes.size() : header);
      damaged[at] = static_cast<char>(random());
    }
    if (!Reads(damaged)) ++refused;
  }
  EXPECT_GT(refused, 3'000);
}

INSTANTIATE_TEST_SUITE_P(Golden, Damage,
                         ::testing::Values("encoder_h7_heads7.radie", "tagger_crf.radie",
                                           "relation_tail_both_mean.radie"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(GoldenModels, AllTensorsBelongToTheModel) {
  const ModelFile file = FromBytes(ReadGolden("encoder_h32_heads4_fp16.radie"));
  EXPECT_EQ(file.Find("encoder.bert.embeddings.LayerNorm.weight")->dtype, DType::kF16);
  const ModelConfig config = ParseModelConfig(file);
  ASSERT_TRUE(config.encoder);
  WeightSource weights(file);
  EXPECT_EQ(weights.GetFloats("encoder.bert.embeddings.LayerNorm.weight", {32}).size(), 32u);
}

}  // namespace
}  // namespace radie
