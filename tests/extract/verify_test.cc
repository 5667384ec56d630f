// LoadOptions::verify_tensors: a model whose tensors are not those that were written is refused.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "radie/model.h"
#include "tests/refusal.h"

namespace radie {
namespace {

constexpr char kDemo[] = RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie";
constexpr char kWithoutDigest[] = RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie";

std::string BytesOf(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string WhyNotVerified(const std::string& bytes) {
  LoadOptions options;
  options.verify_tensors = true;
  const Refusal refusal =
      RefusalOf([&] { Model::LoadFromMemory(bytes.data(), bytes.size(), options); });
  if (!refusal.message.empty()) {
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
  }
  return refusal.message;
}

TEST(VerifyTensors, TakesAFileAsItWasWrittenMappedOrRead) {
  for (const bool map : {false, true}) {
    LoadOptions options;
    options.verify_tensors = true;
    options.map_file = map;
    EXPECT_EQ(Model::Load(kDemo, options)->info().tensors_sha256.size(), 64U);
  }
}

TEST(VerifyTensors, OneBitOfAWeightIsFound) {
  std::string bytes = BytesOf(kDemo);
  bytes[bytes.size() - 100] ^= 1;
  EXPECT_NO_THROW(Model::LoadFromMemory(bytes.data(), bytes.size()));  // nothing else sees it
  const std::string refusal = WhyNotVerified(bytes);
  EXPECT_NE(refusal.find("tensors_sha256"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("damaged"), std::string::npos) << refusal;
}

TEST(VerifyTensors, AFileWithoutADigestCannotBeVerified) {
  EXPECT_NE(WhyNotVerified(BytesOf(kWithoutDigest)).find("stores none"), std::string::npos);
  EXPECT_EQ(Model::Load(kWithoutDigest)->info().tensors_sha256, "");
}

TEST(VerifyTensors, WhatIsNoDigestIsRefusedByAnyLoad) {
  std::string bytes = BytesOf(kDemo);
  const std::size_t at = bytes.find("tensors_sha256");
  ASSERT_NE(at, std::string::npos);
  bytes[bytes.find_first_of("0123456789abcdef", at + 16)] = 'X';
  const Refusal refusal = RefusalOf([&] { Model::LoadFromMemory(bytes.data(), bytes.size()); });
  EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
  EXPECT_NE(refusal.message.find("tensors_sha256"), std::string::npos) << refusal.message;
}

}  // namespace
}  // namespace radie
