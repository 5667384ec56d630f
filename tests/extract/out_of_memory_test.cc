// Every allocation of a load and of an extraction is made to fail in turn, at malloc itself: the
// caller gets std::bad_alloc, an Error or what there is without a failure, nothing is leaked, and
// what was there works on. The same of threads that cannot be started.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "radie/extractor.h"
#include "radie/writer.h"
#include "tests/extract/failing_memory.h"

#if !defined(RADIE_SANITIZED)  // which have a pthread_create of their own
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace {
std::atomic<long> g_threads{1 << 20};  // that may still be started
}

#pragma GCC visibility push(default)

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*body)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return g_threads.fetch_sub(1) <= 0 ? EAGAIN : create(thread, attributes, body, argument);
}

#pragma GCC visibility pop
#endif

namespace radie {
namespace {

constexpr char kDemo[] = RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie";
constexpr char kTagger[] = RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie";
constexpr char kRelations[] = RADIE_SOURCE_DIR "/tests/golden/relation_tail_both_mean.radie";
constexpr char kText[] = "右肺上葉に12mm大の結節を認めます。肺癌を疑います。\n胸水はありません。";

using testing::FailEachMaking;

std::string JsonOf(const StructuredReport& report) { return ToJson("x", kText, report); }

StructuredReport Related(const Extractor& extractor) {
  const std::vector<EntityMention> mentions = {{"Anatomical_entity", {0, 4}},
                                               {"Size_descriptor", {5, 10}},
                                               {"Imaging_observation", {11, 13}},
                                               {"Clinical_finding", {19, 21}}};
  return extractor.Relate(kText, mentions, OffsetUnit::kCodePoint);
}

// What a model of one stage finds, and what it says of itself for people.
std::string Seen(const std::shared_ptr<const Model>& model) {
  const Extractor extractor(model, {.threads = 1});
  const bool tags = model->has_stage(Stage::kEntities);
  std::string seen = JsonOf(tags ? extractor.Tag(kText) : Related(extractor));
  const ModelInfo& info = model->info();
  for (const TensorFacts& tensor : info.tensors) seen += tensor.name + " ";
  for (const StageInfo& stage : info.stages) {
    for (const auto& [name, value] : stage.settings) seen += name + "=" + value + " ";
  }
  return seen + info.schema.name + info.isa;
}

class OutOfMemory : public ::testing::TestWithParam<long> {};  // how many fail

TEST_P(OutOfMemory, LoadingAModel) {
  for (const char* path : {kTagger, kRelations}) {
    FailEachMaking([&] { return Model::Load(path, {.threads = 1}); }, Seen,
                   {.count = GetParam(), .least = 500});
  }
}

// The extractor itself, and its threads' room.
TEST_P(OutOfMemory, MakingAnExtractor) {
  const auto model = Model::Load(kTagger);
  FailEachMaking([&] { return Extractor(model, {.threads = 1}); },
                 [](const Extractor& extractor) { return JsonOf(extractor.Tag(kText)); },
                 {.count = GetParam(), .least = 2});
}

TEST_P(OutOfMemory, Tagging) {
  const Extractor extractor(Model::Load(kTagger), {.threads = 1});
  FailEachMaking([&] { return extractor.Tag(kText); }, JsonOf, {.count = GetParam(), .least = 100});
}

TEST_P(OutOfMemory, Relating) {
  const Extractor extractor(Model::Load(kRelations), {.threads = 1});
  FailEachMaking([&] { return Related(extractor); }, JsonOf, {.count = GetParam(), .least = 100});
}

#if !defined(RADIE_SANITIZED)
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
#endif

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemory,
                         ::testing::Values(1, testing::kTwo, testing::kAll), testing::NameOfCount);

}  // namespace
}  // namespace radie
