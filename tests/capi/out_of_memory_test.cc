// Every allocation of the C interface's calls is made to fail in turn: status and error agree, a
// result is given out whole or not at all, nothing is leaked, and the next call works.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "radie/c_api.h"
#include "tests/extract/failing_memory.h"

namespace {

using radie::testing::FailEach;

const std::string kSources = RADIE_SOURCE_DIR;
const std::string kDemo = kSources + "/weights_converter/demo/demo.radie";
const std::string kTagger = kSources + "/tests/golden/tagger_crf.radie";

constexpr std::array<std::string_view, 3> kTexts = {"右肺上葉に12mm大の結節。", "胸水なし。",
                                                    "肝嚢胞あり。"};

// What a call leaves: a handle or an error.
template <typename Handle>
struct Left {
  radie_status status = RADIE_OK;
  Handle* handle = nullptr;
  radie_error* error = nullptr;

  // Whether there is a result; without one, `wrong` may be the reason, or that memory ran out. Lets
  // the error go.
  bool Check(radie_status wrong = RADIE_ERROR_OUT_OF_MEMORY) {
    const bool done = status == RADIE_OK;
    EXPECT_EQ(handle != nullptr, done);
    EXPECT_EQ(error == nullptr, done);
    EXPECT_EQ(radie_error_code(error), status);
    if (!done) {
      EXPECT_TRUE(status == wrong || status == RADIE_ERROR_OUT_OF_MEMORY) << status;
      EXPECT_STRNE(radie_error_message(error), "");
    }
    radie_error_free(error);
    error = nullptr;
    return done;
  }
};

class OutOfMemoryInC : public testing::TestWithParam<long> {  // how many allocations fail
 protected:
  // Fails each allocation of call(), `least` or more, which fills `left`; check() sees what it
  // gives and frees it.
  template <typename Handle, typename Call, typename CheckHandle>
  static void FailEachOf(Left<Handle>& left, const Call& call, const CheckHandle& check,
                         long least = 5) {
    long failures = 0;
    const auto after = [&] {
      if (left.Check()) {
        check(left.handle);
      } else {
        ++failures;
      }
      left = {};
      ASSERT_FALSE(HasFailure());
    };
    FailEach(call, after, {.count = GetParam(), .least = least, .most = 300});
    EXPECT_GE(failures, std::min(least, 3L));
  }
};

// A model's handle, or null.
radie_model* Opened(const std::string& path) {
  radie_model* model = nullptr;
  radie_model_open(path.c_str(), nullptr, &model, nullptr);
  return model;
}

std::string Taken(radie_string* string) {
  std::string result(radie_string_data(string), radie_string_size(string));
  radie_string_free(string);
  return result;
}

// Of one text, by a call that nothing disturbs.
std::string JsonOf(const radie_extractor* extractor, std::string_view text) {
  radie_string* json = nullptr;
  EXPECT_EQ(radie_extract_json(extractor, text.data(), text.size(), &json, nullptr), RADIE_OK);
  return Taken(json);
}

// As radie_extract_json() has it.
std::string JsonOf(const radie_report* report) {
  radie_string* json = nullptr;
  EXPECT_EQ(radie_report_json(report, nullptr, RADIE_CODE_POINTS, &json, nullptr), RADIE_OK);
  return Taken(json);
}

// The extractor is one of kDemo, and the first that is checked was made undisturbed. Lets it go.
void CheckExtractor(radie_extractor* extractor) {
  static const std::string wanted = JsonOf(extractor, kTexts[0]);
  EXPECT_GT(wanted.size(), 100U);
  EXPECT_EQ(JsonOf(extractor, kTexts[0]), wanted);
  radie_extractor_free(extractor);
}

void CheckModel(radie_model* model) {
  radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
  options.threads = 1;
  radie_extractor* extractor = nullptr;
  EXPECT_EQ(radie_extractor_new(model, &options, &extractor, nullptr), RADIE_OK);
  radie_model_free(model);
  CheckExtractor(extractor);
}

void CountLines(void* lines, radie_log_level, const char* message) {
  *static_cast<std::size_t*>(lines) += *message != '\0';
}

TEST_P(OutOfMemoryInC, OpeningAModel) {
  std::size_t lines = 0;
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.threads = 1;
  options.mecab_dictionary = "a folder that the model does not need";
  options.log = CountLines;
  options.log_context = &lines;
  Left<radie_model> left;
  FailEachOf(
      left,
      [&] { left.status = radie_model_open(kDemo.c_str(), &options, &left.handle, &left.error); },
      CheckModel);
  EXPECT_GT(lines, 0U);
}

TEST_P(OutOfMemoryInC, OpeningAModelFromMemory) {
  std::ifstream file(kDemo, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.threads = 1;
  Left<radie_model> left;
  FailEachOf(
      left,
      [&] {
        left.status = radie_model_open_memory(bytes.data(), bytes.size(), &options, &left.handle,
                                              &left.error);
      },
      CheckModel);
}

TEST_P(OutOfMemoryInC, MakingAnExtractor) {
  radie_model* const model = Opened(kDemo);
  radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
  options.threads = 1;
  Left<radie_extractor> left;
  FailEachOf(
      left, [&] { left.status = radie_extractor_new(model, &options, &left.handle, &left.error); },
      CheckExtractor);
  radie_model_free(model);
}

// There may be no memory left for the error itself.
TEST_P(OutOfMemoryInC, TellingThatThereIsNoFile) {
  Left<radie_model> left;
  long told = 0;
  const auto check = [&] {
    told += left.status == RADIE_ERROR_IO;
    ASSERT_FALSE(left.Check(RADIE_ERROR_IO));
    ASSERT_FALSE(HasFailure());
  };
  FailEach(
      [&] { left.status = radie_model_open("no such file", nullptr, &left.handle, &left.error); },
      check, {.count = GetParam(), .least = 5});
  EXPECT_GT(told, 0);
}

TEST_P(OutOfMemoryInC, MakingACancel) {
  Left<radie_cancel> left;
  FailEachOf(
      left, [&] { left.status = radie_cancel_new(&left.handle, &left.error); }, radie_cancel_free,
      2);
}

class ExtractingOutOfMemory : public OutOfMemoryInC {
 protected:
  void SetUp() override {
    radie_model* const model = Opened(kDemo);
    radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
    options.threads = 1;
    options.log = CountLines;
    options.log_context = &lines_;
    ASSERT_EQ(radie_extractor_new(model, &options, &extractor_, nullptr), RADIE_OK);
    radie_model_free(model);
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      texts_[i] = {kTexts[i].data(), kTexts[i].size()};
    }
  }
  void TearDown() override { radie_extractor_free(extractor_); }

  std::string Json(std::string_view text) const { return JsonOf(extractor_, text); }

  // Fails each allocation of a batch of texts_. Of each there is what Json() gives, or an error of
  // memory or of `wrong`.
  void FailEachOfABatch(const radie_run_options* options, radie_status wrong) {
    std::array<std::string, kTexts.size()> wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = Json(kTexts[i]);
    Left<radie_batch> left;
    const auto check = [&](radie_batch* batch) {
      ASSERT_EQ(radie_batch_size(batch), texts_.size());
      for (std::size_t i = 0; i < texts_.size(); ++i) {
        const radie_report* report = radie_batch_report(batch, i);
        if (report == nullptr) {
          const int code = radie_error_code(radie_batch_error(batch, i));
          EXPECT_TRUE(code == RADIE_ERROR_OUT_OF_MEMORY || code == wrong) << code;
          wrong_ += code == wrong;
          continue;
        }
        EXPECT_EQ(JsonOf(report), wanted[i]);
        ++right_;
      }
      radie_batch_free(batch);
    };
    const auto call = [&] {
      left.status = radie_extract_batch(extractor_, texts_.data(), texts_.size(), options,
                                        &left.handle, &left.error);
    };
    FailEachOf(left, call, check);
  }

  radie_extractor* extractor_ = nullptr;
  std::array<radie_text, kTexts.size()> texts_ = {};
  std::size_t lines_ = 0, right_ = 0, wrong_ = 0;  // of the log; results of FailEachOfABatch()
};

TEST_P(ExtractingOutOfMemory, JsonOfAText) {
  const std::string wanted = Json(kTexts[0]);
  ASSERT_GT(wanted.size(), 100U);
  Left<radie_string> left;
  FailEachOf(
      left,
      [&] {
        left.status = radie_extract_json(extractor_, kTexts[0].data(), kTexts[0].size(),
                                         &left.handle, &left.error);
      },
      [&](radie_string* json) {
        EXPECT_EQ(Taken(json), wanted);
        EXPECT_EQ(Json(kTexts[0]), wanted);
      });
}

// Who asks for no error gets the status all the same.
TEST_P(ExtractingOutOfMemory, WithoutAnError) {
  const std::string wanted = Json(kTexts[1]);
  radie_status status = RADIE_OK;
  radie_report* report = nullptr;
  const auto check = [&] {
    ASSERT_EQ(report != nullptr, status == RADIE_OK);
    ASSERT_TRUE(status == RADIE_OK || status == RADIE_ERROR_OUT_OF_MEMORY) << status;
    if (report != nullptr) {
      ASSERT_EQ(JsonOf(report), wanted);
    }
    radie_report_free(report);
    report = nullptr;
    ASSERT_EQ(Json(kTexts[1]), wanted);
  };
  FailEach(
      [&] {
        status = radie_extract(extractor_, kTexts[1].data(), kTexts[1].size(), &report, nullptr);
      },
      check, {.count = GetParam(), .least = 100, .most = 300});
}

TEST_P(ExtractingOutOfMemory, JsonOfAReport) {
  radie_report* report = nullptr;
  ASSERT_EQ(radie_extract(extractor_, kTexts[0].data(), kTexts[0].size(), &report, nullptr),
            RADIE_OK);
  Left<radie_string> left;
  const auto write = [&] {
    left.status = radie_report_json(report, "a report", RADIE_UTF16, &left.handle, &left.error);
  };
  write();
  const std::string wanted = Taken(left.handle);
  ASSERT_GT(wanted.size(), 100U);
  FailEachOf(left, write, [&](radie_string* json) { EXPECT_EQ(Taken(json), wanted); });
  radie_report_free(report);
}

TEST_P(ExtractingOutOfMemory, ABatch) {
  FailEachOfABatch(nullptr, RADIE_OK);
  EXPECT_GT(right_, 0U);
}

// One of invalid UTF-8 has an error of its own, and the log a line.
TEST_P(ExtractingOutOfMemory, ABatchWithABadReport) {
  texts_[1] = {"\xFF", 1};
  FailEachOfABatch(nullptr, RADIE_ERROR_INVALID_TEXT);
  EXPECT_GT(right_, 0U);
  EXPECT_GT(wrong_, 0U);
  EXPECT_GT(lines_, 0U);
}

// `most` is the most that it is ever told.
void CountDone(void* most, std::size_t done, std::size_t total) {
  EXPECT_LE(done, total);
  EXPECT_EQ(total, kTexts.size());
  auto& seen = *static_cast<std::size_t*>(most);
  seen = std::max(seen, done);
}

TEST_P(ExtractingOutOfMemory, ABatchThatIsWatched) {
  std::size_t most_done = 0;
  radie_run_options options = RADIE_RUN_OPTIONS_INIT;
  options.progress = CountDone;
  options.progress_context = &most_done;
  ASSERT_EQ(radie_cancel_new(&options.cancel, nullptr), RADIE_OK);
  FailEachOfABatch(&options, RADIE_OK);
  EXPECT_EQ(most_done, kTexts.size());
  EXPECT_GT(right_, 0U);
  radie_cancel_free(options.cancel);
}

TEST_P(ExtractingOutOfMemory, ABatchThatIsCancelled) {
  radie_run_options options = RADIE_RUN_OPTIONS_INIT;
  ASSERT_EQ(radie_cancel_new(&options.cancel, nullptr), RADIE_OK);
  radie_cancel_request(options.cancel);
  FailEachOfABatch(&options, RADIE_ERROR_CANCELLED);
  EXPECT_EQ(right_, 0U);
  EXPECT_GT(wrong_, 0U);
  radie_cancel_free(options.cancel);
}

// What reads a handle or frees it: none of it asks for memory.
TEST_P(ExtractingOutOfMemory, WhatTakesNone) {
  texts_[1] = {"\xFF", 1};
  radie_model* const model = Opened(kTagger);
  radie_cancel* cancel = nullptr;
  radie_batch* batch = nullptr;
  radie_report* report = nullptr;
  radie_string* json = nullptr;
  radie_error* error = nullptr;
  ASSERT_EQ(radie_cancel_new(&cancel, nullptr), RADIE_OK);
  ASSERT_EQ(radie_extract_batch(extractor_, texts_.data(), texts_.size(), nullptr, &batch, nullptr),
            RADIE_OK);
  ASSERT_EQ(radie_extract(extractor_, kTexts[0].data(), kTexts[0].size(), &report, nullptr),
            RADIE_OK);
  ASSERT_EQ(radie_report_json(report, nullptr, RADIE_UTF8, &json, nullptr), RADIE_OK);
  ASSERT_EQ(radie_model_open("no such file", nullptr, nullptr, &error),
            RADIE_ERROR_INVALID_ARGUMENT);
  bool all_there = true;
  const auto read_and_free = [&] {
    const radie_report* const first = radie_batch_report(batch, 0);
    const radie_error* const second = radie_batch_error(batch, 1);
    radie_entity entity = RADIE_ENTITY_INIT;
    radie_relation relation = RADIE_RELATION_INIT;
    radie_finding finding = RADIE_FINDING_INIT;
    radie_warning warning = RADIE_WARNING_INIT;
    std::size_t offset = 1;
    all_there =
        radie_batch_size(batch) == kTexts.size() &&
        radie_report_entity(first, radie_report_entity_count(first) - 1, &entity) == RADIE_OK &&
        radie_report_relation(first, radie_report_relation_count(first) - 1, &relation) ==
            RADIE_OK &&
        radie_report_finding(first, radie_report_finding_count(first) - 1, &finding) == RADIE_OK &&
        radie_report_warning(first, radie_report_warning_count(first), &warning) ==
            RADIE_ERROR_INVALID_ARGUMENT &&
        radie_error_code(second) == RADIE_ERROR_INVALID_TEXT &&
        radie_error_offset(second, &offset) == 1 && *radie_error_message(second) != '\0' &&
        radie_string_size(json) > 0 && *radie_string_data(json) == '{' &&
        *radie_status_name(RADIE_OK) == 'o' && *radie_version() != '\0';
    radie_cancel_request(cancel);
    radie_cancel_free(cancel);
    radie_batch_free(batch);
    radie_report_free(report);
    radie_string_free(json);
    radie_error_free(error);
    radie_extractor_free(std::exchange(extractor_, nullptr));
    radie_model_free(model);
  };
  EXPECT_EQ(radie::testing::Try(read_and_free, {0, GetParam()}).made, 0);
  EXPECT_TRUE(all_there);
}

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemoryInC,
                         testing::Values(1, radie::testing::kTwo, radie::testing::kAll),
                         radie::testing::NameOfCount);
INSTANTIATE_TEST_SUITE_P(EachAllocation, ExtractingOutOfMemory,
                         testing::Values(1, radie::testing::kTwo, radie::testing::kAll),
                         radie::testing::NameOfCount);

}  // namespace
