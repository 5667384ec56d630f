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

// Sequences of many lengths, one of them with groups of markers.
RaggedBatch MixedBatch() {
  RaggedBatch batch;
  for (const std::size_t length : {1, 7, 30, 64, 100, 300}) {
    batch.Add(std::vector<std::int32_t>(length, 7));
  }
  const std::vector<MarkerGroup> groups(130);
  batch.Add(std::vector<std::int32_t>(40, 7), {}, groups);
  return batch;
}

TEST(Allocations, AWarmEncoderAllocatesNothing) {
  for (const Isa isa : AvailableIsas()) {
    if (isa == Isa::kPortable || isa == Isa::kOpenBlas) continue;  // Eigen allocates by itself
    SCOPED_TRACE(IsaName(isa));
    for (const Precision precision : {Precision::kFloat32, Precision::kAuto}) {
      const auto model = DemoModel(precision, isa);
      const BertEncoder& encoder = *model->loaded().EncoderOf(Stage::kRelations);
      const std::size_t hidden = encoder.config().hidden_size;
      for (const std::size_t threads : {1, 3}) {
        ThreadPool pool(threads);
        const RaggedBatch batch = MixedBatch();
        const std::vector<std::size_t> rows = {5, 9, 100, batch.tokens() - 1};
        std::vector<float> all(batch.tokens() * hidden);
        const auto encode = [&] {
          encoder.EncodeRows(batch, rows, pool, {all.data(), rows.size(), hidden, hidden});
          encoder.Encode(batch, pool, {all.data(), batch.tokens(), hidden, hidden});
        };
        const Allocations cold = CountIn(encode);
        EXPECT_GT(cold.largest, batch.tokens() * sizeof(float) * 6 * hidden);  // the workspace
        // A thread that had no task before has no memory for one yet.
        Allocations warm = CountIn(encode);
        for (int round = 0; threads > 1 && round < 50 && warm.calls > 0; ++round) {
          warm = CountIn(encode);
        }
        EXPECT_EQ(warm.calls, 0u) << threads << " threads";
      }
    }
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
