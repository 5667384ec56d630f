#include "libradie/extract/result_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libradie/extract/relating.h"
#include "libradie/extract/tagging.h"
#include "radie/extractor.h"
#include "tests/extract/golden_cases.h"

namespace radie::internal {
namespace {

// A result of `rows` rows and 3 columns; the last value is `value`.
Tensor Result(float value, std::size_t rows = 1) {
  Tensor tensor(rows, 3);
  tensor.view().row(rows - 1)[2] = value;
  return tensor;
}

void Keep(ResultCache& cache, const ResultCache::Key& key, const Tensor& result) {
  cache.Insert(key, result.view());
}

// The last value of what is kept, and 0 where nothing is.
float Kept(ResultCache& cache, const ResultCache::Key& key) {
  const std::optional<Tensor> found = cache.Find(key);
  return found ? std::as_const(*found).view().row(found->rows() - 1)[2] : 0;
}

TEST(ResultCache, FindsWhatWasKeptUnderTheWholeKey) {
  ResultCache cache(std::size_t{1} << 20);
  Keep(cache, {1, 2, 3}, Result(1, 5));
  Keep(cache, {1, 2}, Result(2));
  EXPECT_EQ(Kept(cache, {1, 2, 3}), 1);
  EXPECT_EQ(Kept(cache, {1, 2}), 2);
  EXPECT_EQ(Kept(cache, {1}), 0);
  EXPECT_EQ(Kept(cache, {3, 2, 1}), 0);
  Keep(cache, {1, 2}, Result(3));  // the first one stays
  EXPECT_EQ(Kept(cache, {1, 2}), 2);
  EXPECT_EQ(cache.hits(), 3u);
}

TEST(ResultCache, NeverExceedsItsBytesAndKeepsWhatIsAskedFor) {
  constexpr std::size_t kBytes = 64 << 10;
  ResultCache cache(kBytes);
  Keep(cache, {-1}, Result(7));
  std::int32_t kept = 1;
  for (; kept < 10'000; ++kept) {
    ASSERT_EQ(Kept(cache, {-1}), 7) << kept;  // asked for again and again: stays
    Keep(cache, {kept}, Result(static_cast<float>(kept), 20 + kept % 50));
    ASSERT_LE(cache.bytes(), kBytes);
  }
  EXPECT_GT(cache.bytes(), kBytes / 2);
  EXPECT_EQ(Kept(cache, {1}), 0);
  EXPECT_EQ(Kept(cache, {kept - 1}), static_cast<float>(kept - 1));
}

// Against a map of all that was ever written: what is found is what was kept, whatever sizes lie
// round it and however the block has come round.
TEST(ResultCache, WhatIsFoundIsWhatWasKept) {
  std::mt19937 random(5);
  for (const std::size_t bytes : {2'000, 9'999, 40'000}) {
    ResultCache cache(bytes);
    std::size_t found = 0;
    for (int turn = 0; turn < 20'000; ++turn) {
      // As many values and so long a key as the number says: a mix-up would show.
      const auto number = static_cast<std::int32_t>(1 + random() % 200);
      const ResultCache::Key key(1 + number % 7, number);
      const std::size_t rows = 1 + number * number % 60;
      const std::optional<Tensor> known = cache.Find(key);
      if (known) {
        ++found;
        ASSERT_EQ(known->rows(), rows);
        for (std::size_t row = 0; row < rows; ++row) {
          for (std::size_t c = 0; c < 3; ++c) {
            ASSERT_EQ(std::as_const(*known).view().row(row)[c], static_cast<float>(number));
          }
        }
        continue;
      }
      Tensor result(rows, 3);
      std::fill_n(result.view().data, rows * 3, static_cast<float>(number));
      Keep(cache, key, result);
      ASSERT_EQ(Kept(cache, key), static_cast<float>(number));
    }
    EXPECT_GT(found, 0u);
    EXPECT_LT(found, 20'000u);
    EXPECT_LE(cache.bytes(), bytes);
  }
}

// Two keys that the cache's hash (FNV-1a over whole values) does not tell apart: of first values
// that agree in the upper half of the hash the second one makes up for the lower half.
std::pair<ResultCache::Key, ResultCache::Key> KeysOfOneHash() {
  std::map<std::uint32_t, std::pair<std::int32_t, std::uint32_t>> by_upper;
  std::mt19937 random(1);
  for (;;) {
    const auto first = static_cast<std::int32_t>(random());
    const std::uint64_t hash =
        (14695981039346656037ull ^ static_cast<std::uint32_t>(first)) * 1099511628211ull;
    const auto lower = static_cast<std::uint32_t>(hash);
    const auto [other, fresh] =
        by_upper.try_emplace(static_cast<std::uint32_t>(hash >> 32), first, lower);
    if (fresh || other->second.first == first) continue;
    return {{other->second.first, 0},
            {first, static_cast<std::int32_t>(other->second.second ^ lower)}};
  }
}

TEST(ResultCache, KeysOfOneHashAreToldApart) {
  const auto [one, other] = KeysOfOneHash();
  ResultCache cache(16 << 10);
  Keep(cache, one, Result(1));
  EXPECT_EQ(Kept(cache, other), 0);
  Keep(cache, other, Result(2));
  EXPECT_EQ(Kept(cache, one), 0);  // the newest of equal ones is what is found
  for (std::int32_t filler = 0; filler < 1000; ++filler) {  // the older one goes meanwhile
    ASSERT_EQ(Kept(cache, other), 2) << filler;
    Keep(cache, {filler, 1, 2}, Result(3));
  }
}

TEST(ResultCache, KeepsNothingThatIsLargerThanItself) {
  ResultCache cache(1000);
  Keep(cache, {1}, Result(1));
  Keep(cache, {2}, Result(1, 1000));
  EXPECT_EQ(Kept(cache, {1}), 1);
  EXPECT_EQ(Kept(cache, {2}), 0);
  ResultCache none(0);
  EXPECT_FALSE(none.enabled());
  Keep(none, {1}, Result(1));
  EXPECT_EQ(Kept(none, {1}), 0);
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
  callers.reserve(results.size());
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
