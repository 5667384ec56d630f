// The host's floating-point environment is neither trusted nor changed.
#include "libradie/base/float_environment.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/heads.h"
#include "radie/writer.h"

namespace radie {
namespace {

// What a host may have set before it calls.
enum class Host { kUpward, kTowardZero, kFlushToZero, kTraps };

std::string Name(Host host) {
  switch (host) {
    case Host::kUpward:
      return "upward";
    case Host::kTowardZero:
      return "toward_zero";
    case Host::kFlushToZero:
      return "flush_to_zero";
    case Host::kTraps:
      return "traps";
  }
  return {};
}

void Set(Host host) {
  switch (host) {
    case Host::kUpward:
      std::fesetround(FE_UPWARD);
      return;
    case Host::kTowardZero:
      std::fesetround(FE_TOWARDZERO);
      return;
    case Host::kFlushToZero:
#if defined(__x86_64__)
      __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
      return;
    case Host::kTraps:
#if defined(__x86_64__)
      __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() &
                             ~0xE80U);  // SIGFPE but for inexact and denormal numbers
#endif
      return;
  }
}

// All that a thread's environment is, as bytes.
std::vector<unsigned char> Environment() {
  std::fenv_t environment;
  std::memset(&environment, 0, sizeof environment);
  std::fegetenv(&environment);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&environment);
  return {bytes, bytes + sizeof environment};
}

std::string SampleReport() {
  std::ifstream file(RADIE_SOURCE_DIR "/examples/reports/01_chest_nodule.txt", std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct Results {
  std::string json;
  std::vector<float> states;
};

// Everything from the file on: packing rounds weights, too.
Results Compute(Precision precision, const std::string& text) {
  const auto model =
      Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie", {.precision = precision});
  const Extractor extractor(model, {.threads = 2});
  const Encoder encoder(model, Stage::kEntities, 2);
  const std::vector<std::int32_t> ids = {2, 10, 20, 30, 40, 3};
  const std::vector<std::size_t> lengths = {6};
  return {ToJson("x", text, extractor.Extract(text)), encoder.Encode({ids, lengths, {}}).states};
}

class FloatEnvironmentOfHosts : public ::testing::TestWithParam<Host> {};

TEST_P(FloatEnvironmentOfHosts, NeitherChangesAResultNorIsChanged) {
  const std::string text = SampleReport();
  for (const Precision precision : {Precision::kFloat32, Precision::kInt8}) {
    const Results wanted = Compute(precision, text);
    ASSERT_GT(wanted.json.size(), 1000u);
    std::fenv_t mine;
    std::fegetenv(&mine);
    Set(GetParam());
    const std::vector<unsigned char> before = Environment();
    const Results found = Compute(precision, text);
    const std::vector<unsigned char> after = Environment();
    std::fesetenv(&mine);
    EXPECT_EQ(before, after);
    EXPECT_EQ(wanted.json, found.json);
    EXPECT_EQ(wanted.states, found.states);
  }
}

INSTANTIATE_TEST_SUITE_P(Hosts, FloatEnvironmentOfHosts,
                         ::testing::Values(Host::kUpward, Host::kTowardZero, Host::kFlushToZero,
                                           Host::kTraps),
                         [](const auto& info) { return Name(info.param); });

// A tagger whose emissions are denormal numbers: its classifier has the smallest of weights.
std::shared_ptr<const Model> ModelOfDenormals() {
  std::ifstream file(RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie", std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  const auto header = nlohmann::json::parse(bytes.substr(8, header_bytes));
  for (const auto& [name, value] :
       {std::pair("entities.classifier.weight", 1e-40F), {"entities.classifier.bias", 0.0F}}) {
    const auto offsets = header.at(name).at("data_offsets").get<std::vector<std::size_t>>();
    for (std::size_t at = offsets[0]; at < offsets[1]; at += sizeof value) {
      std::memcpy(bytes.data() + 8 + header_bytes + at, &value, sizeof value);
    }
  }
  return Model::LoadFromMemory(bytes.data(), bytes.size());
}

TEST(FloatEnvironment, DenormalNumbersAreNotFlushedForAHostThatDoes) {
  const auto model = ModelOfDenormals();
  const std::vector<float> states(model->info().stages[0].hidden_size, 1.0F);
  const std::vector<float> wanted = Heads(model).Emissions(states);
  EXPECT_NE(wanted[0], 0.0F);
  std::fenv_t mine;
  std::fegetenv(&mine);
  Set(Host::kFlushToZero);
  const std::vector<float> found = Heads(model).Emissions(states);
  std::fesetenv(&mine);
  EXPECT_EQ(wanted, found);
}

// What the host has set does something, and is set aside: for each setting, what is seen without
// and within.
TEST(FloatEnvironment, OfTheHostIsSetAside) {
  volatile float one = 1, tiny = 1e-10F;
  std::fenv_t mine;
  std::fegetenv(&mine);
  Set(Host::kUpward);
  EXPECT_GT(one + tiny, 1.0F);
  {
    const FloatEnvironment environment;
    EXPECT_EQ(one + tiny, 1.0F);
  }
  EXPECT_GT(one + tiny, 1.0F);
  std::fesetenv(&mine);
#if defined(__x86_64__)
  volatile float smallest = 1.2e-38F, half = 0.5F, zero = 0;
  Set(Host::kFlushToZero);
  EXPECT_EQ(smallest * half, 0.0F);
  {
    const FloatEnvironment environment;
    EXPECT_GT(smallest * half, 0.0F);
  }
  EXPECT_EQ(smallest * half, 0.0F);
  __builtin_ia32_ldmxcsr(0x1F80);
  Set(Host::kTraps);
  {
    const FloatEnvironment environment;
    EXPECT_TRUE(std::isinf(one / zero));  // SIGFPE in the host's environment
  }
#endif
  std::fesetenv(&mine);
}

}  // namespace
}  // namespace radie
