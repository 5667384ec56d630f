// The parts of `radie bench` whose figures can be known beforehand.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "radie/benchmark.h"
#include "tools/bench_model.h"
#include "tools/bench_work.h"

namespace radie::tools {
namespace {

TEST(BenchWork, FlopsOfBertBase) {
  StageInfo stage;
  stage.layers = 12, stage.hidden_size = 768, stage.intermediate_size = 3072;
  // 12 · (4 · 768² + 2 · 768 · 3072) weights a token, each one multiplication and one addition.
  EXPECT_EQ(FlopsOf(EqualLengths(1, 1), stage), 2.0 * 84934656 + 12 * 4 * 768);
  const double one = FlopsOf(EqualLengths(128, 1), stage);
  EXPECT_EQ(FlopsOf(EqualLengths(128, 16), stage), 16 * one);
  EXPECT_EQ(one, 128 * (2.0 * 84934656) + 12 * 4 * 128.0 * 128 * 768);
}

TEST(BenchWork, MixedLengthsAreMixedAndAlwaysTheSame) {
  const EncoderWork work = MixedLengths(64);
  ASSERT_EQ(work.sequences.size(), 64u);
  EXPECT_EQ(work.sequences, MixedLengths(64).sequences);
  const auto [low, high] = std::minmax_element(work.sequences.begin(), work.sequences.end());
  EXPECT_GE(*low, 5u);
  EXPECT_LE(*high, 119u);
  EXPECT_GT(*high, 2 * *low);
  EXPECT_EQ(work.lengths, std::to_string(*low) + "-" + std::to_string(*high));
  EXPECT_EQ(work.longest(), *high);
}

TEST(BenchWork, IdsAreInTheVocabulary) {
  const EncoderWork work = MixedLengths(64);
  const std::vector<std::int32_t> ids = RandomIds(work, 10);
  EXPECT_EQ(ids.size(), work.tokens());
  EXPECT_EQ(*std::min_element(ids.begin(), ids.end()), 0);
  EXPECT_EQ(*std::max_element(ids.begin(), ids.end()), 9);
}

TEST(Measure, LeavesTheWarmUpOutAndTakesTheMedian) {
  std::size_t calls = 0;
  // The warm-up and the last call are long; the median must be neither.
  const Timing time = Measure(2, 3, [&] {
    const bool slow = calls < 2 || calls == 4;
    ++calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(slow ? 200 : 1));
  });
  EXPECT_EQ(calls, 5u);
  EXPECT_GE(time.min_ms, 1);
  EXPECT_LE(time.min_ms, time.median_ms);
  EXPECT_LT(time.median_ms, time.max_ms);
  EXPECT_GE(time.max_ms, 200);
  const Timing two = Measure(0, 2, [&] { ++calls; });
  EXPECT_DOUBLE_EQ(two.median_ms, (two.min_ms + two.max_ms) / 2);
}

TEST(BenchModel, EveryRandomEncoderLoadsAndIsAlwaysTheSame) {
  for (const std::string& name : RandomEncoderNames()) {
    if (name == "bert-base") continue;  // 340 MB
    const std::string bytes = RandomEncoderModel(name);
    EXPECT_EQ(bytes, RandomEncoderModel(name));
    const auto model = Model::LoadFromMemory(bytes.data(), bytes.size());
    EXPECT_EQ(model->info().name, name);
    const Encoder encoder(model, Stage::kEncoder, 1);
    EXPECT_EQ(encoder.threads(), 1u);
    const EncoderWork work = EqualLengths(9, 2);
    const std::vector<std::int32_t> ids = RandomIds(work, 1000);
    const EncoderOutput states = encoder.Encode({ids, work.sequences, {}});
    EXPECT_TRUE(std::all_of(states.states.begin(), states.states.end(),
                            [](float x) { return x > -100 && x < 100; }));
  }
}

TEST(PublicPeak, RefusesWhatIsNotThere) {
  EXPECT_GT(MeasurePeakGflops(AvailableIsas().back(), 1), 0);
  EXPECT_THROW(MeasurePeakGflops(Isa::kAuto, 1025), Error);
  EXPECT_THROW(MeasurePeakGflops(static_cast<Isa>(99), 1), Error);
}

}  // namespace
}  // namespace radie::tools
