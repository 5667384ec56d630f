// The extractor as a whole, on the bundled model and the sample reports.
#include "radie/extractor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <thread>

#include "libradie/base/dtype.h"
#include "libradie/kernels/kernels.h"
#include "radie/writer.h"
#include "tests/extract/every_arithmetic.h"
#include "tests/refusal.h"

namespace radie {
namespace {

std::shared_ptr<const Model> DemoModel() {
  static const std::shared_ptr<const Model> model =
      Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  return model;
}

std::vector<std::string> SampleReports() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(RADIE_SOURCE_DIR "/examples/reports")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

// Everything a report says, confidences to the last bit included.
std::string Exactly(const StructuredReport& report) {
  std::ostringstream out;
  out << std::hexfloat;
  for (const Entity& e : report.entities) {
    out << e.type << ' ' << e.span.utf8.begin << ' ' << e.span.utf8.end << ' ' << e.text << ' '
        << e.confidence << '\n';
  }
  for (const Relation& r : report.relations) {
    out << r.type << ' ' << r.head << ' ' << r.tail << ' ' << r.confidence << '\n';
  }
  for (const Warning& w : report.warnings) out << w.code << '\n';
  return out.str();
}

std::vector<std::string> ExtractAll(const Extractor& extractor,
                                    const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<std::string> results;
  for (const Outcome& outcome : extractor.ExtractBatch(views))
    results.push_back(Exactly(outcome.report()));
  return results;
}

TEST(Extractor, FindsSomethingInEverySampleReport) {
  const Extractor extractor(DemoModel());
  const auto texts = SampleReports();
  ASSERT_EQ(texts.size(), 10u);
  for (const std::string& text : texts) {
    const StructuredReport report = extractor.Extract(text);
    EXPECT_GE(report.findings.size(), 2u);
    EXPECT_FALSE(report.relations.empty());
    for (const Entity& entity : report.entities) {
      const Range span = entity.span.utf8;
      EXPECT_EQ(entity.text, text.substr(span.begin, span.end - span.begin));
    }
  }
}

// The texts one by one on one thread, then permuted in batches on each number of threads.
void ExpectSameBits(const std::shared_ptr<const Model>& model,
                    const std::vector<std::string>& texts,
                    const std::vector<std::size_t>& thread_counts) {
  std::vector<std::string> expected;
  const Extractor alone(model, {.threads = 1});
  for (const std::string& text : texts) expected.push_back(Exactly(alone.Extract(text)));

  std::mt19937 random(11);
  std::vector<std::size_t> order(texts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::size_t batch_tokens[] = {700, 1, 4096};
  for (const std::size_t threads : thread_counts) {
    const Extractor extractor(model,
                              {.threads = threads, .max_batch_tokens = batch_tokens[threads % 3]});
    std::shuffle(order.begin(), order.end(), random);
    std::vector<std::string> permuted;
    for (std::size_t i : order) permuted.push_back(texts[i]);
    const auto results = ExtractAll(extractor, permuted);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(results[i], expected[order[i]]);
  }
}

TEST(Extractor, SameBitsWhateverTheBatchTheOrderAndTheThreads) {
  ExpectSameBits(DemoModel(), SampleReports(), {1, 2, 3});
}

class Determinism : public testing::TestWithParam<LoadOptions> {};

TEST_P(Determinism, SameBitsInOtherBatchesOnOtherThreads) {
  const auto model = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie", GetParam());
  for (const StageInfo& stage : model->info().stages) {
    EXPECT_EQ(stage.precision, PrecisionName(GetParam().precision));
  }
  std::vector<std::string> texts = SampleReports();
  texts.resize(3);
  ExpectSameBits(model, texts, {3});
}

INSTANTIATE_TEST_SUITE_P(Arithmetic, Determinism, testing::ValuesIn(EveryArithmetic()),
                         NameOfArithmetic);

TEST(Extractor, PrecisionThatAKernelSetLacksIsAnInvalidArgument) {
  try {
    Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie",
                {.isa = Isa::kPortable, .precision = Precision::kInt8});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("LoadOptions.precision"), std::string::npos);
  }
}

TEST(Extractor, ManyThreadsMayShareOne) {
  const auto texts = SampleReports();
  const Extractor extractor(DemoModel(), {.threads = 2});
  const auto expected = ExtractAll(extractor, texts);
  std::vector<std::vector<std::string>> results(4);
  std::vector<std::thread> callers;
  for (auto& result : results) {
    callers.emplace_back([&] { result = ExtractAll(extractor, texts); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Extractor, TagThenRelateIsExtract) {
  const Extractor extractor(DemoModel());
  for (const std::string& text : SampleReports()) {
    const StructuredReport tagged = extractor.Tag(text);
    EXPECT_TRUE(tagged.relations.empty());
    const std::string extracted = Exactly(extractor.Extract(text));
    for (OffsetUnit unit : {OffsetUnit::kUtf8, OffsetUnit::kCodePoint, OffsetUnit::kUtf16}) {
      std::vector<EntityMention> mentions;
      for (const Entity& entity : tagged.entities)
        mentions.push_back({entity.type, entity.span.In(unit)});
      std::reverse(mentions.begin(), mentions.end());
      StructuredReport related = extractor.Relate(text, mentions, unit);
      for (std::size_t i = 0; i < tagged.entities.size(); ++i) {
        related.entities[i].confidence = tagged.entities[i].confidence;  // the caller's own have 1
      }
      EXPECT_EQ(Exactly(related), extracted);
    }
  }
}

TEST(Extractor, ABadReportIsItsOwnErrorAndTheOthersGoOn) {
  const Extractor extractor(DemoModel(), {.max_report_bytes = 4000});
  const std::string good = SampleReports().front(), broken = "肝に\xE5\x9A", huge(5000, 'x');
  const std::vector<std::string_view> texts = {good, broken, huge, good, ""};
  const auto outcomes = extractor.ExtractBatch(texts);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_EQ(Exactly(outcomes[0].report()), Exactly(outcomes[3].report()));
  ASSERT_FALSE(outcomes[1].ok());
  EXPECT_EQ(outcomes[1].error().code(), ErrorCode::kInvalidText);
  EXPECT_EQ(outcomes[1].error().offset(), 6u);
  ASSERT_FALSE(outcomes[2].ok());
  EXPECT_EQ(outcomes[2].error().code(), ErrorCode::kLimitExceeded);
  EXPECT_TRUE(outcomes[4].report().entities.empty());
  EXPECT_THROW(extractor.Extract(broken), Error);
}

TEST(Extractor, MentionsOfTheCallerAreChecked) {
  const Extractor extractor(DemoModel());
  const std::string text = "肝に嚢胞を認める。";
  const std::vector<std::vector<EntityMention>> bad = {
      {{"No_such_type", {0, 1}}},
      {{"Anatomical_entity", {1, 1}}},
      {{"Anatomical_entity", {2, 1}}},
      {{"Anatomical_entity", {0, 99}}},
      {{"Anatomical_entity", {0, 2}}, {"Imaging_observation", {1, 4}}}};
  for (const auto& mentions : bad) {
    try {
      extractor.Relate(text, mentions);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("entities"), std::string::npos);
    }
  }
}

TEST(Extractor, RandomUnicodeNeverBreaksIt) {
  const Extractor extractor(DemoModel());
  std::mt19937 random(5);
  const std::vector<std::string> pieces = {"肝",
                                           "ｶﾞ",
                                           "①",
                                           "㎜",
                                           "\r\n",
                                           "\xEF\xBB\xBF",
                                           std::string(1, '\0'),
                                           "⻑",
                                           "⼤",
                                           "か\xE3\x82\x99",
                                           "😀",
                                           "👨‍👩‍👧",
                                           "3.5cm",
                                           "。",
                                           "．",
                                           "【",
                                           "】",
                                           "結節",
                                           "認める",
                                           " ",
                                           "\xE3\x80\x80",
                                           "½",
                                           "…",
                                           "S1+2",
                                           "\n",
                                           "x"};
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n) text += pieces[random() % pieces.size()];
    texts.push_back(text);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto outcomes = extractor.ExtractBatch(views);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::size_t end = 0;
    for (const Entity& entity : outcomes[i].report().entities) {
      const Range span = entity.span.utf8;
      EXPECT_LE(end, span.begin);
      EXPECT_LT(span.begin, span.end);
      EXPECT_LE(span.end, texts[i].size());
      EXPECT_EQ(entity.text, texts[i].substr(span.begin, span.end - span.begin));
      EXPECT_NE(texts[i][span.begin] & 0xC0, 0x80);
      EXPECT_GE(entity.confidence, 0.0);
      EXPECT_LE(entity.confidence, 1.0);
      end = span.end;
    }
  }
}

TEST(Extractor, ALongReportIsReadToItsEnd) {
  const Extractor extractor(DemoModel());
  std::string text;
  for (int i = 0; i < 400; ++i)
    text += "右肺上葉に結節を認めます";  // one sentence of 4800 characters
  const StructuredReport report = extractor.Extract(text);
  ASSERT_FALSE(report.entities.empty());
  std::size_t in_last_tenth = 0;
  for (const Entity& entity : report.entities)
    in_last_tenth += entity.span.utf8.begin > text.size() * 9 / 10;
  EXPECT_GE(in_last_tenth, 40u);
}

// Empty where it is not.
std::string WhyRefused(const std::function<void()>& action) {
  const Refusal refusal = RefusalOf(action);
  if (!refusal.message.empty()) {
    EXPECT_EQ(refusal.code, ErrorCode::kInvalidArgument);
  }
  return refusal.message;
}

TEST(Extractor, OptionsOutOfRangeAreRefused) {
  const auto made = [](const ExtractorOptions& options) {
    return WhyRefused([&] { Extractor(DemoModel(), options); });
  };
  EXPECT_EQ(WhyRefused([] { Extractor(nullptr); }), "Extractor: no model");
  EXPECT_EQ(made({.max_report_bytes = 0}), "ExtractorOptions.max_report_bytes: is 0");
  EXPECT_EQ(made({.threads = 5000}), "ExtractorOptions.threads: more than 1024");
  EXPECT_EQ(made({.max_batch_tokens = 0}), "ExtractorOptions.max_batch_tokens: is 0");
  EXPECT_EQ(WhyRefused([] {
              Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie",
                          {.precision = static_cast<Precision>(9)});
            }),
            "LoadOptions.precision: no such precision");
}

TEST(Extractor, StagesThatTheModelLacksAreRefused) {
  const auto asked = [](const char* model, Request::Stages stages) {
    return WhyRefused([&] {
      const Extractor extractor(
          Model::Load(RADIE_SOURCE_DIR "/tests/golden/" + std::string(model) + ".radie"));
      const Request request{.text = "結節", .stages = stages};
      EXPECT_TRUE(extractor.Run({&request, 1}).front().ok());
    });
  };
  using Stages = Request::Stages;
  EXPECT_EQ(asked("tagger_crf", Stages::kEntitiesOnly), "");
  EXPECT_EQ(asked("relation_pair_cls", Stages::kRelationsOnly), "");
  for (const Stages stages : {Stages::kBoth, Stages::kRelationsOnly}) {
    EXPECT_EQ(asked("tagger_crf", stages), "Request.stages: the model has no stage 'relations'");
  }
  for (const Stages stages : {Stages::kBoth, Stages::kEntitiesOnly}) {
    EXPECT_EQ(asked("relation_pair_cls", stages),
              "Request.stages: the model has no stage 'entities'");
  }
  EXPECT_EQ(asked("encoder_roberta", Stages::kBoth),
            "Extractor: the model holds an encoder only; use radie::Encoder");
}

TEST(Extractor, IsMoved) {
  Extractor one(DemoModel(), {.threads = 1}), other(DemoModel(), {.threads = 2});
  one = std::move(other);
  EXPECT_EQ(one.threads(), 2u);
  EXPECT_FALSE(one.Extract("右肺に結節を認めます。").entities.empty());
}

}  // namespace
}  // namespace radie
