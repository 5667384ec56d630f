// Every allocation of a load and of an extraction is made to fail in turn, at malloc itself: the
// caller gets std::bad_alloc or an Error, nothing is leaked, and what was there works on. The same
// of threads that cannot be started.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "radie/encoder.h"
#include "radie/extractor.h"
#include "radie/writer.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

// Allocations that still succeed before one fails; the one alone, or all that follow.
std::atomic<long> g_left{-1};
std::atomic<bool> g_armed{false}, g_once{true};
std::atomic<long> g_failed{0}, g_alive{0};

std::atomic<long> g_threads{1 << 20};  // that may still be started

bool Fails() {
  if (!g_armed.load(std::memory_order_relaxed)) return false;
  const long left = g_left.fetch_sub(1);
  if (left > 0 || (left < 0 && g_once)) return false;
  g_failed.fetch_add(1);
  return true;
}

void* Counted(void* block) {
  if (block != nullptr) g_alive.fetch_add(1);
  return block;
}

}  // namespace

#pragma GCC visibility push(default)  // the C++ library's operator new must find them

extern "C" void* malloc(std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_malloc(bytes));
}
extern "C" void* calloc(std::size_t count, std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_calloc(count, bytes));
}
extern "C" void* realloc(void* block, std::size_t bytes) {
  if (bytes > 0 && Fails()) return nullptr;
  void* const moved = __libc_realloc(block, bytes);
  if (block == nullptr) return Counted(moved);
  if (bytes == 0) g_alive.fetch_sub(1);
  return moved;
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return Fails() ? nullptr : Counted(__libc_memalign(alignment, bytes));
}
extern "C" int posix_memalign(void** to, std::size_t alignment, std::size_t bytes) {
  if (Fails()) return ENOMEM;
  *to = Counted(__libc_memalign(alignment, bytes));
  return *to == nullptr ? ENOMEM : 0;
}
extern "C" void free(void* block) {
  if (block != nullptr) g_alive.fetch_sub(1);
  __libc_free(block);
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*body)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return g_threads.fetch_sub(1) <= 0 ? EAGAIN : create(thread, attributes, body, argument);
}

#pragma GCC visibility pop

namespace radie {
namespace {

constexpr char kDemo[] = RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie";
constexpr char kTagger[] = RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie";
constexpr char kRelations[] = RADIE_SOURCE_DIR "/tests/golden/relation_tail_both_mean.radie";
constexpr char kText[] = "右肺上葉に12mm大の結節を認めます。肺癌を疑います。\n胸水はありません。";

enum class Ending { kDone, kTold, kUntold };

// What `call` ends with when the allocation number `n`, or every one from it on, fails.
Ending EndingOf(const std::function<void()>& call, long n, bool once) {
  g_left = n;
  g_once = once;
  g_failed = 0;
  Ending ending = Ending::kDone;
  g_armed = true;
  try {
    call();
  } catch (const std::bad_alloc&) {
    ending = Ending::kTold;
  } catch (const Error& error) {
    g_armed = false;
    const ErrorCode code =
        error.code();  // ICU and MeCab say of an allocation only that they failed
    ending = code == ErrorCode::kOutOfMemory || code == ErrorCode::kInternal ? Ending::kTold
                                                                             : Ending::kUntold;
  } catch (...) {
    ending = Ending::kUntold;
  }
  g_armed = false;
  return ending;
}

// Fails each allocation of `call` in turn until it makes no more, which are `least` at least.
// `after` must hold each time, and puts back what a failure let go that is kept from call to call.
void FailEach(const std::function<void()>& call, const std::function<void()>& after, bool once,
              long least) {
  call();  // what is made once for all is made
  after();
  for (long n = 0;; ++n) {
    ASSERT_LT(n, 100'000);
    const long alive = g_alive;
    const Ending ending = EndingOf(call, n, once);
    const bool reached = g_failed > 0;
    ASSERT_NE(ending, Ending::kUntold) << "allocation " << n;
    after();
    ASSERT_EQ(g_alive - alive, 0) << "leaked at allocation " << n;
    if (::testing::Test::HasFatalFailure()) return;
    if (!reached) {
      ASSERT_EQ(ending, Ending::kDone);
      ASSERT_GE(n, least) << "hardly anything was made to fail";
      return;
    }
  }
}

class OutOfMemory : public ::testing::TestWithParam<bool> {};  // whether one alone fails

TEST_P(OutOfMemory, LoadingAModel) {
  for (const char* path : {kTagger, kRelations}) {
    FailEach([&] { Model::Load(path, {.threads = 1}); }, [] {}, GetParam(), 500);
  }
}

// The extractor itself, and its threads' room.
TEST_P(OutOfMemory, MakingAnExtractor) {
  const auto model = Model::Load(kTagger);
  FailEach([&] { const Extractor extractor(model, {.threads = 1}); }, [] {}, GetParam(), 2);
}

TEST_P(OutOfMemory, Tagging) {
  const Extractor extractor(Model::Load(kTagger), {.threads = 1});
  const std::string wanted = ToJson("x", kText, extractor.Tag(kText));
  FailEach([&] { extractor.Tag(kText); },
           [&] { ASSERT_EQ(ToJson("x", kText, extractor.Tag(kText)), wanted); }, GetParam(), 100);
}

TEST_P(OutOfMemory, Relating) {
  const Extractor extractor(Model::Load(kRelations), {.threads = 1});
  const std::vector<EntityMention> mentions = {{"Anatomical_entity", {0, 4}},
                                               {"Size_descriptor", {5, 10}},
                                               {"Imaging_observation", {11, 13}},
                                               {"Clinical_finding", {19, 21}}};
  const auto relate = [&] { return extractor.Relate(kText, mentions, OffsetUnit::kCodePoint); };
  const std::string wanted = ToJson("x", kText, relate());
  FailEach([&] { relate(); }, [&] { ASSERT_EQ(ToJson("x", kText, relate()), wanted); }, GetParam(),
           100);
}

TEST(Threads, ThoseThatCannotBeStartedAreDoneWithout) {
  const auto model = Model::Load(kTagger);
  const std::string wanted = ToJson("x", kText, Extractor(model, {.threads = 1}).Tag(kText));
  const auto load = [] {
    const Extractor extractor(Model::Load(kDemo, {.threads = 3}), {.threads = 1});
    return ToJson("x", kText, extractor.Tag(kText));
  };
  const std::string loaded = load();
  for (const long may_start : {0, 1, 2}) {
    g_threads = may_start;
    EXPECT_EQ(load(), loaded);
    g_threads = 1 << 20;
  }
  for (const long may_start : {0, 1, 2, 7}) {
    g_threads = may_start;
    const Extractor extractor(model, {.threads = 8});
    g_threads = 1 << 20;
    EXPECT_EQ(extractor.threads(), static_cast<std::size_t>(may_start) + 1);
    EXPECT_EQ(ToJson("x", kText, extractor.Tag(kText)), wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemory, ::testing::Bool(), [](const auto& once) {
  return once.param ? "ByItself" : "AndAllThatFollow";
});

}  // namespace
}  // namespace radie
