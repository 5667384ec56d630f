#include "libradie/model/weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "model_bytes.h"

namespace radie {
namespace {

using testing::FileBytesOf;
using testing::FromBytes;

template <typename Element>
std::string BytesOf(const std::vector<Element>& elements) {
  std::string bytes(elements.size() * sizeof(Element), '\0');
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

ModelFile Floats(const std::vector<float>& values) {
  return FromBytes(FileBytesOf(R"({"w":{"dtype":"F32","shape":[2,)" +
                                   std::to_string(values.size() / 2) + R"(],"data_offsets":[0,)" +
                                   std::to_string(values.size() * 4) + "]}}",
                               BytesOf(values)));
}

ModelFile Halves(const std::vector<std::uint16_t>& bits) {
  return FromBytes(FileBytesOf(R"({"w":{"dtype":"F16","shape":[)" + std::to_string(bits.size()) +
                                   R"(],"data_offsets":[0,)" + std::to_string(bits.size() * 2) +
                                   "]}}",
                               BytesOf(bits)));
}

TEST(WeightSource, GivesATensorOfTheRightShape) {
  const std::vector<float> values = {1.5f, -2, 3e-40f, 4, 5, -0.0f};
  const ModelFile file = Floats(values);
  WeightSource weights(file);
  EXPECT_EQ(&weights.Get("w", {2, 3}), file.Find("w"));
  EXPECT_EQ(weights.GetFloats("w", {2, 3}), values);
}

TEST(WeightSource, NamesTensorAndBothShapes) {
  const ModelFile file = Floats({1, 2, 3, 4});
  WeightSource weights(file);
  for (auto ask : {+[](WeightSource& w) {
                     w.Get("w", {2, 3});
                   },
                   +[](WeightSource& w) {
                     w.GetFloats("w", {2, 3});
                   }}) {
    const Refusal refusal = RefusalOf([&] { ask(weights); });
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
    EXPECT_EQ(refusal.message, "tensor \"w\": expected shape [2, 3], found [2, 2]");
  }
  EXPECT_NE(RefusalOf([&] { weights.Get("w", {4}); }).message, "");
  EXPECT_NE(RefusalOf([&] { weights.Get("w", {2, 2, 1}); }).message, "");
  EXPECT_EQ(RefusalOf([&] { weights.Get("v", {1}); }).message, "tensor \"v\" is missing");
}

TEST(WeightSource, GivesBytesOnlyToWhoAsksForAnyType) {
  const ModelFile file =
      FromBytes(FileBytesOf(R"({"w":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}})", "abcd"));
  WeightSource weights(file);
  EXPECT_EQ(&weights.GetAny("w", {4}), file.Find("w"));
  const Refusal refusal = RefusalOf([&] { weights.Get("w", {4}); });
  EXPECT_EQ(refusal.code, ErrorCode::kInvalidModel);
  EXPECT_EQ(refusal.message, "tensor \"w\": dtype I8, expected a floating type");
}

TEST(WeightSource, RefusesWeightsThatAreNotFinite) {
  for (float bad : {INFINITY, -INFINITY, std::nanf("")}) {
    const ModelFile file = Floats({1, 2, 3, bad});
    WeightSource weights(file);
    EXPECT_EQ(RefusalOf([&] {
                weights.Get("w", {2, 2});
              }).message,
              "tensor \"w\": element 3 is not finite");
  }
  for (std::uint16_t bad : {0x7C00, 0xFC00, 0x7E01}) {
    const ModelFile file = Halves({0x3C00, bad, 0x3C00});
    WeightSource weights(file);
    EXPECT_EQ(RefusalOf([&] { weights.Get("w", {3}); }).message,
              "tensor \"w\": element 1 is not finite");
  }
}

// Of a tensor that several threads look through (the file is large enough for three), the first one
// is named.
TEST(WeightSource, NamesTheFirstOfManyThatAreNotFinite) {
  std::vector<std::uint16_t> bits(2'500'001, 0x3C00);
  bits[1'400'123] = bits[1'400'124] = bits.back() = 0x7C00;
  const ModelFile file = Halves(bits);
  for (const std::size_t threads : {1, 4}) {
    WeightSource weights(file, threads);
    EXPECT_EQ(weights.pool().threads(), std::min<std::size_t>(threads, 3));
    EXPECT_EQ(RefusalOf([&] { weights.Get("w", {2'500'001}); }).message,
              "tensor \"w\": element 1400123 is not finite");
  }
}

TEST(WeightSource, TellsOutputsWithoutUsingTheTensor) {
  const ModelFile file =
      FromBytes(FileBytesOf(R"({"w.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})",
                            std::string(16, '\0')));
  WeightSource weights(file);
  EXPECT_EQ(weights.Outputs("w", 2), 2u);
  EXPECT_NE(RefusalOf([&] { weights.Outputs("w", 1); }).message.find("found shape [2, 2]"),
            std::string::npos);
  EXPECT_NE(RefusalOf([&] { weights.Outputs("v", 1); }).message.find("is missing"),
            std::string::npos);
  EXPECT_EQ(RefusalOf([&] { weights.RequireAllUsed(); }).message,
            "tensor \"w.weight\" belongs to no stage of this model");
  weights.Get("w.weight", {2, 2});
  EXPECT_NO_THROW(weights.RequireAllUsed());
}

// Every half against its definition.
TEST(ToFloats, WidensEveryHalfExactly) {
  std::vector<std::uint16_t> bits(65'536);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint16_t>(i);
  const std::vector<float> values = ToFloats(*Halves(bits).Find("w"));
  ASSERT_EQ(values.size(), bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const int exponent = i >> 10 & 0x1F, mantissa = i & 0x3FF;
    const double size = exponent == 0    ? std::ldexp(mantissa, -24)
                        : exponent != 31 ? std::ldexp(1024 + mantissa, exponent - 25)
                        : mantissa == 0  ? INFINITY
                                         : NAN;
    const double expected = i >> 15 ? -size : size;
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(values[i])) << i;
    } else {
      EXPECT_EQ(values[i], expected) << i;
      EXPECT_EQ(std::signbit(values[i]), i >> 15 == 1) << i;
    }
  }
}

}  // namespace
}  // namespace radie
