#include "libradie/extract/result_cache.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "libradie/extract/relating.h"
#include "libradie/extract/tagging.h"
#include "radie/extractor.h"
#include "tests/extract/golden_cases.h"

namespace radie::internal {
namespace {

std::shared_ptr<const Tensor> Result(float value, std::size_t rows = 1) {
  Tensor tensor(rows, 1);
  tensor.view().row(0)[0] = value;
  return std::make_shared<const Tensor>(std::move(tensor));
}

float Value(const std::shared_ptr<const Tensor>& result) { return result->view().row(0)[0]; }

TEST(ResultCache, FindsWhatWasKeptUnderTheWholeKey) {
  ResultCache cache(std::size_t{1} << 20);
  cache.Insert({1, 2, 3}, Result(1));
  cache.Insert({1, 2}, Result(2));
  EXPECT_EQ(Value(cache.Find({1, 2, 3})), 1);
  EXPECT_EQ(Value(cache.Find({1, 2})), 2);
  EXPECT_EQ(cache.Find({1}), nullptr);
  EXPECT_EQ(cache.Find({3, 2, 1}), nullptr);
  cache.Insert({1, 2}, Result(3));  // the first one stays
  EXPECT_EQ(Value(cache.Find({1, 2})), 2);
}

TEST(ResultCache, NeverExceedsItsBytesAndDropsWhatWasNotAskedForLongest) {
  constexpr std::size_t kBytes = 16 << 10;
  ResultCache cache(kBytes);
  cache.Insert({-1}, Result(7));
  std::int32_t kept = 0;
  for (; kept < 10'000; ++kept) {
    ASSERT_NE(cache.Find({-1}), nullptr);  // asked for again and again: stays
    cache.Insert({kept}, Result(1, 10));
    ASSERT_LE(cache.bytes(), kBytes);
  }
  EXPECT_GT(cache.bytes(), kBytes / 2);
  EXPECT_EQ(cache.Find({0}), nullptr);
  EXPECT_NE(cache.Find({kept - 1}), nullptr);
}

TEST(ResultCache, KeepsNothingThatIsLargerThanItself) {
  ResultCache cache(1000);
  cache.Insert({1}, Result(1));
  cache.Insert({2}, Result(1, 1000));
  EXPECT_NE(cache.Find({1}), nullptr);
  EXPECT_EQ(cache.Find({2}), nullptr);
  ResultCache none(0);
  EXPECT_FALSE(none.enabled());
  none.Insert({1}, Result(1));
  EXPECT_EQ(none.Find({1}), nullptr);
  EXPECT_EQ(none.bytes(), 0u);
}

TEST(KeyWriter, ListsThatAreCutElsewhereGiveOtherKeys) {
  const auto key = [](std::int32_t kind, const std::vector<std::int32_t>& a,
                      const std::vector<std::int32_t>& b) {
    return KeyWriter(kind)
        .Add(std::span<const std::int32_t>(a))
        .Add(std::span<const std::int32_t>(b))
        .Take();
  };
  EXPECT_NE(key(1, {1, 2}, {3}), key(1, {1}, {2, 3}));
  EXPECT_NE(key(1, {1, 2}, {}), key(1, {}, {1, 2}));
  EXPECT_NE(key(1, {1}, {2}), key(2, {1}, {2}));
  EXPECT_EQ(key(1, {1}, {2}), key(1, {1}, {2}));
}

std::shared_ptr<const Model> DemoModel() {
  static const std::shared_ptr<const Model> model =
      Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  return model;
}

std::vector<std::string> Texts() {
  std::vector<std::string> texts;
  for (const char* name : {"01_chest_nodule", "03_abdomen_liver", "07_chest_headings_terse"}) {
    std::ifstream file(RADIE_SOURCE_DIR "/examples/reports/" + std::string(name) + ".txt",
                       std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  texts.push_back(texts[1] + texts[0]);  // known sentences, other windows
  texts.push_back(texts[0]);
  return texts;
}

// All that the model computed, to the last bit.
std::string Exactly(const StructuredReport& report) {
  std::ostringstream out;
  out << std::hexfloat;
  for (const Entity& e : report.entities) {
    out << e.type << ' ' << e.span.utf8.begin << ' ' << e.span.utf8.end << ' ' << e.confidence
        << '\n';
  }
  for (const Relation& r : report.relations) {
    out << r.type << ' ' << r.head << ' ' << r.tail << ' ' << r.confidence << '\n';
  }
  return out.str();
}

std::vector<std::string> ExtractOneByOne(const Extractor& extractor) {
  std::vector<std::string> results;
  for (const std::string& text : Texts()) results.push_back(Exactly(extractor.Extract(text)));
  return results;
}

TEST(CachedExtraction, SameBitsWithRoomForAllForFewAndForNothing) {
  const auto expected = ExtractOneByOne(Extractor(DemoModel(), {.threads = 1}));
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{20'000}, std::size_t{64} << 20}) {
    const Extractor extractor(DemoModel(), {.threads = 2, .cache_bytes = bytes});
    for (int round = 0; round < 3; ++round) EXPECT_EQ(ExtractOneByOne(extractor), expected);
  }
}

TEST(CachedExtraction, ManyThreadsMayShareIt) {
  const auto expected = ExtractOneByOne(Extractor(DemoModel(), {.threads = 1}));
  const Extractor extractor(DemoModel(), {.threads = 1, .cache_bytes = 50'000});
  std::vector<std::vector<std::string>> results(3);
  std::vector<std::thread> callers;
  for (auto& result : results) {
    callers.emplace_back([&] { result = ExtractOneByOne(extractor); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

// What is asked a second time comes from the cache, in both stages: nothing new is kept.
TEST(CachedExtraction, ASecondTimeNothingIsComputed) {
  const LoadedModel& model = DemoModel()->loaded();
  const ExtractorOptions options;
  ThreadPool pool(1);
  ResultCache cache(std::size_t{64} << 20);
  const std::string text = Texts().front();
  std::vector<std::size_t> hits, bytes;
  for (int round = 0; round < 2; ++round) {
    PreparedReport report = Prepare(text, model, options);
    TagReports(*model.entities, {&report}, pool, options.max_batch_tokens, cache);
    hits.push_back(cache.hits());
    bytes.push_back(cache.bytes());
    RelateReports(model, {&report}, pool, options, cache);
    hits.push_back(cache.hits());
    bytes.push_back(cache.bytes());
    EXPECT_FALSE(report.relations.empty());
  }
  EXPECT_EQ(hits[1], 0u);
  EXPECT_LT(bytes[0], bytes[1]);
  EXPECT_GT(hits[2], hits[1]);
  EXPECT_GT(hits[3], hits[2]);
  EXPECT_EQ(bytes[3], bytes[1]);
}

std::string Related(const Extractor& extractor, const nlohmann::json& text) {
  std::vector<EntityMention> mentions;
  for (const nlohmann::json& entity : text.at("entities")) {
    mentions.push_back({entity.at("type"), {entity.at("begin"), entity.at("end")}});
  }
  return Exactly(extractor.Relate(text.at("text").get<std::string>(), mentions));
}

TEST(CachedExtraction, SameBitsInEveryLayoutOfStageTwo) {
  const nlohmann::json golden = ReadGoldenJson("relation.json");
  for (const nlohmann::json& test_case : golden.at("cases")) {
    SCOPED_TRACE(test_case.at("model").get<std::string>());
    const auto model = LoadGolden(test_case);
    const Extractor alone(model, {.threads = 1});
    const Extractor cached(model, {.threads = 1, .cache_bytes = std::size_t{1} << 20});
    for (int round = 0; round < 2; ++round) {
      for (const nlohmann::json& text : test_case.at("texts")) {
        EXPECT_EQ(Related(cached, text), Related(alone, text));
      }
    }
  }
}

}  // namespace
}  // namespace radie::internal
