// Extraction through the C interface, against the C++ interface's result.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "radie/c_api.h"

namespace {

const std::string kSource = RADIE_SOURCE_DIR;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Extracting : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    radie_error* error = nullptr;
    ASSERT_EQ(radie_model_open((kSource + "/weights_converter/demo/demo.radie").c_str(), nullptr,
                               &model_, &error),
              RADIE_OK)
        << radie_error_message(error);
    radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
    options.threads = 2;
    ASSERT_EQ(radie_extractor_new(model_, &options, &extractor_, &error), RADIE_OK);
    radie_model_free(model_);  // the extractor goes on
    model_ = nullptr;
  }
  static void TearDownTestSuite() { radie_extractor_free(extractor_); }

  static std::string Json(const std::string& text) {
    radie_string* json = nullptr;
    radie_error* error = nullptr;
    EXPECT_EQ(radie_extract_json(extractor_, text.data(), text.size(), &json, &error), RADIE_OK);
    const std::string result(radie_string_data(json), radie_string_size(json));
    radie_string_free(json);
    return result;
  }

  static std::string Report(int number) {
    const char* names[] = {"01_chest_nodule", "03_abdomen_liver", "10_chest_radicals_bom"};
    return Read(kSource + "/examples/reports/" + names[number] + ".txt");
  }

  static radie_model* model_;
  static radie_extractor* extractor_;
};

radie_model* Extracting::model_ = nullptr;
radie_extractor* Extracting::extractor_ = nullptr;

TEST_F(Extracting, TypedAccessorsTellWhatTheJsonRecordTells) {
  const std::string text = "😀 " + Report(0);
  radie_report* report = nullptr;
  ASSERT_EQ(radie_extract(extractor_, text.data(), text.size(), &report, nullptr), RADIE_OK);
  ASSERT_GT(radie_report_entity_count(report), 3u);
  ASSERT_GT(radie_report_relation_count(report), 0u);
  ASSERT_GT(radie_report_finding_count(report), 0u);
  for (std::size_t i = 0; i < radie_report_entity_count(report); ++i) {
    radie_entity entity = RADIE_ENTITY_INIT;
    ASSERT_EQ(radie_report_entity(report, i, &entity), RADIE_OK);
    EXPECT_EQ(text.substr(entity.utf8.begin, entity.utf8.end - entity.utf8.begin),
              std::string(entity.text, entity.text_bytes));
    EXPECT_EQ(entity.utf16.begin, entity.code_points.begin + 1);  // one character beyond the BMP
    EXPECT_GT(entity.confidence, 0.0);
  }
  radie_relation relation = RADIE_RELATION_INIT;
  ASSERT_EQ(radie_report_relation(report, 0, &relation), RADIE_OK);
  EXPECT_LT(relation.head, radie_report_entity_count(report));
  EXPECT_LT(relation.tail, radie_report_entity_count(report));

  radie_finding finding = RADIE_FINDING_INIT;
  ASSERT_EQ(radie_report_finding(report, 0, &finding), RADIE_OK);
  ASSERT_NE(finding.certainty, nullptr);
  EXPECT_STREQ(finding.certainty, "definite");
  for (std::size_t s = 0; s < finding.certainty_source_count; ++s) {
    EXPECT_LT(finding.certainty_sources[s], radie_report_entity_count(report));
  }

  radie_string* json = nullptr;
  ASSERT_EQ(radie_report_json(report, nullptr, RADIE_CODE_POINTS, &json, nullptr), RADIE_OK);
  EXPECT_EQ(Json(text), radie_string_data(json));
  radie_string_free(json);
  ASSERT_EQ(radie_report_json(report, "r1", RADIE_UTF16, &json, nullptr), RADIE_OK);
  EXPECT_NE(std::string(radie_string_data(json)).find(R"("id":"r1","offset_unit":"utf16")"),
            std::string::npos);
  radie_string_free(json);
  radie_report_free(report);
}

TEST_F(Extracting, AnOlderHeadersStructIsFilledAsFarAsItReaches) {
  const std::string text = Report(0);
  radie_report* report = nullptr;
  ASSERT_EQ(radie_extract(extractor_, text.data(), text.size(), &report, nullptr), RADIE_OK);
  radie_entity entity = {};
  entity.confidence = -1;
  entity.struct_size = offsetof(radie_entity, confidence);
  ASSERT_EQ(radie_report_entity(report, 0, &entity), RADIE_OK);
  EXPECT_NE(entity.type, nullptr);
  EXPECT_EQ(entity.confidence, -1);
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{1} << 40}) {
    entity.struct_size = size;
    EXPECT_EQ(radie_report_entity(report, 0, &entity), RADIE_ERROR_INVALID_ARGUMENT);
  }
  entity.struct_size = sizeof entity;
  EXPECT_EQ(radie_report_entity(report, 100'000, &entity), RADIE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(radie_report_entity(report, 0, nullptr), RADIE_ERROR_INVALID_ARGUMENT);
  radie_report_free(report);
}

TEST_F(Extracting, ABatchHasAReportOrAnErrorForEachText) {
  const std::string good = Report(1), bad = "\xE8\x82\xBA\xFF";
  const radie_text texts[] = {{good.data(), good.size()}, {bad.data(), bad.size()}, {nullptr, 0}};
  std::vector<std::size_t> seen;
  radie_run_options options = RADIE_RUN_OPTIONS_INIT;
  options.progress = [](void* context, std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 3u);
    static_cast<std::vector<std::size_t>*>(context)->push_back(done);
  };
  options.progress_context = &seen;
  radie_batch* batch = nullptr;
  ASSERT_EQ(radie_extract_batch(extractor_, texts, 3, &options, &batch, nullptr), RADIE_OK);
  EXPECT_EQ(seen, std::vector<std::size_t>{3});
  ASSERT_EQ(radie_batch_size(batch), 3u);
  EXPECT_NE(radie_batch_report(batch, 0), nullptr);
  EXPECT_EQ(radie_batch_error(batch, 0), nullptr);
  EXPECT_EQ(radie_batch_report(batch, 1), nullptr);
  const radie_error* error = radie_batch_error(batch, 1);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(radie_error_code(error), RADIE_ERROR_INVALID_TEXT);
  std::size_t offset = 0;
  EXPECT_EQ(radie_error_offset(error, &offset), 1);
  EXPECT_EQ(offset, 3u);
  EXPECT_EQ(radie_report_entity_count(radie_batch_report(batch, 2)), 0u);
  EXPECT_EQ(radie_batch_report(batch, 3), nullptr);
  EXPECT_EQ(radie_batch_error(batch, 3), nullptr);

  radie_string* json = nullptr;
  ASSERT_EQ(radie_report_json(radie_batch_report(batch, 0), "", RADIE_CODE_POINTS, &json, nullptr),
            RADIE_OK);
  EXPECT_EQ(Json(good), radie_string_data(json));
  radie_string_free(json);
  radie_batch_free(batch);
}

TEST_F(Extracting, ACancelEndsWhatIsNotFinished) {
  radie_cancel* cancel = nullptr;
  ASSERT_EQ(radie_cancel_new(&cancel, nullptr), RADIE_OK);
  const std::string text = Report(0);
  const std::vector<radie_text> texts(400, radie_text{text.data(), text.size()});
  radie_run_options options = RADIE_RUN_OPTIONS_INIT;
  options.cancel = cancel;
  options.progress_context = cancel;
  options.progress = [](void* context, std::size_t, std::size_t) {
    radie_cancel_request(static_cast<radie_cancel*>(context));
  };
  radie_batch* batch = nullptr;
  ASSERT_EQ(radie_extract_batch(extractor_, texts.data(), texts.size(), &options, &batch, nullptr),
            RADIE_OK);
  ASSERT_EQ(radie_batch_size(batch), texts.size());
  EXPECT_NE(radie_batch_report(batch, 0), nullptr);  // of the first group, done before the request
  EXPECT_EQ(radie_error_code(radie_batch_error(batch, texts.size() - 1)), RADIE_ERROR_CANCELLED);
  radie_batch_free(batch);
  radie_cancel_free(cancel);
}

TEST_F(Extracting, ThreadsShareAnExtractor) {
  const std::string text = Report(2), wanted = Json(text);
  std::atomic<int> equal = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) equal += Json(text) == wanted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, 12);
}

TEST_F(Extracting, TheLogNamesAFailedReportAndNothingOfItsText) {
  radie_model* model = nullptr;
  std::vector<std::string> lines;
  const radie_log_fn log = [](void* context, radie_log_level, const char* message) {
    static_cast<std::vector<std::string>*>(context)->push_back(message);
  };
  radie_load_options load = RADIE_LOAD_OPTIONS_INIT;
  load.isa = "portable";
  load.log = log;
  load.log_context = &lines;
  ASSERT_EQ(radie_model_open((kSource + "/weights_converter/demo/demo.radie").c_str(), &load,
                             &model, nullptr),
            RADIE_OK);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("portable"), std::string::npos);
  radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
  options.log = log;
  options.log_context = &lines;
  options.max_report_bytes = 4;
  radie_extractor* extractor = nullptr;
  ASSERT_EQ(radie_extractor_new(model, &options, &extractor, nullptr), RADIE_OK);
  radie_model_free(model);
  const radie_text text = {"canary", 6};
  radie_batch* batch = nullptr;
  ASSERT_EQ(radie_extract_batch(extractor, &text, 1, nullptr, &batch, nullptr), RADIE_OK);
  EXPECT_EQ(radie_error_code(radie_batch_error(batch, 0)), RADIE_ERROR_LIMIT_EXCEEDED);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[1].find("limit_exceeded"), std::string::npos);
  EXPECT_EQ(lines[1].find("canary"), std::string::npos);
  radie_batch_free(batch);
  radie_extractor_free(extractor);
}

}  // namespace
