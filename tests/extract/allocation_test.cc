// What a warmed extractor still allocates: counted at malloc itself, so that nothing is missed.
//
// The encoder works in memory that it has from before and allocates nothing. What remains is small
// and follows the report: its texts, tokens, sequences, tags and the result that the caller gets.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "libradie/extract/loaded_model.h"
#include "radie/encoder.h"
#include "radie/extractor.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {
std::atomic<std::size_t> g_calls{0}, g_bytes{0}, g_largest{0};

void Count(std::size_t bytes) {
  g_calls.fetch_add(1, std::memory_order_relaxed);
  g_bytes.fetch_add(bytes, std::memory_order_relaxed);
  std::size_t largest = g_largest.load();
  while (bytes > largest && !g_largest.compare_exchange_weak(largest, bytes)) {
  }
}
}  // namespace

#pragma GCC visibility push(default)  // the C++ library's operator new must find them

extern "C" void* malloc(std::size_t bytes) {
  Count(bytes);
  return __libc_malloc(bytes);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  Count(bytes);
  return __libc_memalign(alignment, bytes);
}
extern "C" int posix_memalign(void** to, std::size_t alignment, std::size_t bytes) {
  Count(bytes);
  *to = __libc_memalign(alignment, bytes);
  return *to == nullptr ? ENOMEM : 0;
}

#pragma GCC visibility pop

namespace radie {
namespace {

struct Allocations {
  std::size_t calls, bytes, largest;
};

template <typename Call>
Allocations CountIn(const Call& call) {
  g_calls = g_bytes = g_largest = 0;
  call();
  return {g_calls, g_bytes, g_largest};
}

std::shared_ptr<const Model> DemoModel(Precision precision, Isa isa = Isa::kAuto) {
  return Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie",
                     {.isa = isa, .precision = precision});
}

TEST(Allocations, TheCounterCounts) {
  void* volatile block = nullptr;  // volatile: a compiler may leave out what nobody looks at
  const Allocations seen = CountIn([&] {
    block = std::malloc(12345);
    std::free(block);
  });
  EXPECT_GE(seen.calls, 1u);
  EXPECT_EQ(seen.largest, 12345u);
}

// One text, many of many lengths, and texts with groups of markers.
std::vector<RaggedBatch> Batches() {
  std::vector<RaggedBatch> batches(4);
  batches[0].Add(std::vector<std::int32_t>(500, 7));
  for (const std::size_t length : {1, 7, 30, 64, 100, 300}) {
    batches[1].Add(std::vector<std::int32_t>(length, 7));
  }
  for (int text = 0; text < 17; ++text) batches[2].Add(std::vector<std::int32_t>(66, 7));
  for (const std::size_t groups : {0, 3, 130}) {
    batches[3].Add(std::vector<std::int32_t>(40, 7), {}, std::vector<MarkerGroup>(groups));
  }
  return batches;
}

// What passes over the batch with every second row asked for, and with all rows, take after one of
// each kind.
Allocations CountInWarm(const BertEncoder& encoder, const RaggedBatch& batch, ThreadPool& pool,
                        int passes) {
  const std::size_t hidden = encoder.config().hidden_size;
  std::vector<float> states(batch.tokens() * hidden);
  for (const std::size_t step : {1, 2}) {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < batch.tokens(); row += step) rows.push_back(row);
    const auto encode = [&] {
      encoder.EncodeRows(batch, rows, pool, {states.data(), rows.size(), hidden, hidden});
    };
    encode();
    const Allocations warm = CountIn([&] {
      for (int pass = 0; pass < passes; ++pass) encode();
    });
    if (warm.calls > 0) return warm;
  }
  const auto encode = [&] {
    encoder.Encode(batch, pool, {states.data(), batch.tokens(), hidden, hidden});
  };
  encode();
  return CountIn(encode);
}

// Eigen, in the portable sets, allocates by itself.
std::vector<Isa> OtherThanPortable() {
  std::vector<Isa> isas;
  for (const Isa isa : AvailableIsas()) {
    if (isa != Isa::kPortable && isa != Isa::kOpenBlas) isas.push_back(isa);
  }
  return isas;
}

TEST(Allocations, AWarmPassOfTheEncoderAllocatesNothing) {
  if (OtherThanPortable().empty()) GTEST_SKIP() << "portable kernels alone: NOT TESTED";
  for (const Isa isa : OtherThanPortable()) {
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat16, Precision::kInt8}) {
      SCOPED_TRACE(std::string(IsaName(isa)) + " " + PrecisionName(precision));
      const auto model = DemoModel(precision, isa);
      const BertEncoder& encoder = *model->loaded().EncoderOf(Stage::kRelations);
      for (const RaggedBatch& batch : Batches()) {
        ThreadPool pool(1);
        EXPECT_EQ(CountInWarm(encoder, batch, pool, 2).calls, 0u) << batch.sequences();
      }
    }
  }
}

// With an embedding size of its own, whose rows are projected, and with rotary positions.
class AllocationsOf : public testing::TestWithParam<const char*> {};

TEST_P(AllocationsOf, AWarmPassAllocatesNothing) {
  if (OtherThanPortable().empty()) GTEST_SKIP() << "portable kernels alone: NOT TESTED";
  const auto model =
      Model::Load(RADIE_SOURCE_DIR "/tests/golden/encoder_" + std::string(GetParam()) + ".radie");
  RaggedBatch batch;
  batch.Add(std::vector<std::int32_t>(9, 3));
  ThreadPool pool(1);
  EXPECT_EQ(CountInWarm(*model->loaded().EncoderOf(Stage::kEncoder), batch, pool, 3).calls, 0u);
}

INSTANTIATE_TEST_SUITE_P(Encoders, AllocationsOf,
                         testing::Values("electra", "roformer", "roformer_h20_heads2"),
                         [](const auto& info) { return std::string(info.param); });

// Whoever takes which task, and however many start late.
TEST(Allocations, AWarmPassOfManyThreadsAllocatesNothing) {
  if (OtherThanPortable().empty()) GTEST_SKIP() << "portable kernels alone: NOT TESTED";
  const auto model = DemoModel(Precision::kFloat32, OtherThanPortable().front());
  ThreadPool pool(3);
  const BertEncoder& encoder = *model->loaded().EncoderOf(Stage::kRelations);
  for (const RaggedBatch& batch : Batches()) {
    EXPECT_EQ(CountInWarm(encoder, batch, pool, 3).calls, 0u) << batch.sequences();
  }
}

TEST(Allocations, AWarmExtractorAllocatesAlikeEachTime) {
  std::ifstream file(RADIE_SOURCE_DIR "/examples/reports/03_abdomen_liver.txt", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  for (const Isa isa : AvailableIsas()) {
    SCOPED_TRACE(IsaName(isa));
    const Extractor extractor(DemoModel(Precision::kAuto, isa), {.threads = 1});
    const auto extract = [&] { extractor.Extract(text); };
    for (int round = 0; round < 3; ++round) extract();
    const Allocations once = CountIn(extract), again = CountIn(extract);
    EXPECT_EQ(once.calls, again.calls);
    EXPECT_EQ(once.bytes, again.bytes);
    RecordProperty(std::string("calls_") + IsaName(isa), static_cast<int>(once.calls));
    // Tokens, sentences and pairs have some each; a few for every pair would be past this.
    EXPECT_LT(once.calls, 4 * text.size());
    EXPECT_LT(once.largest, std::size_t{2} << 20);  // what the report's pairs are pooled into
  }
}

}  // namespace
}  // namespace radie
