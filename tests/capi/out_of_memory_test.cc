// Every allocation of the C interface's calls is made to fail in turn: status and error agree, a
// result is given out whole or not at all, nothing is leaked, and the next call works.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

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
  // Fails each allocation of call(), which fills `left`; check() sees what it gives and frees it.
  template <typename Handle, typename Call, typename CheckHandle>
  static void FailEachOf(Left<Handle>& left, const Call& call, const CheckHandle& check) {
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
    FailEach(call, after, {.count = GetParam(), .least = 5, .most = 300});
    EXPECT_GT(failures, 2);
  }
};

// A model's handle, or null.
radie_model* Opened(const std::string& path) {
  radie_model* model = nullptr;
  radie_model_open(path.c_str(), nullptr, &model, nullptr);
  return model;
}

void CountLines(void* lines, radie_log_level, const char* message) {
  *static_cast<std::size_t*>(lines) += *message != '\0';
}

TEST_P(OutOfMemoryInC, OpeningAModel) {
  std::size_t lines = 0;
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.threads = 1;
  options.log = CountLines;
  options.log_context = &lines;
  Left<radie_model> left;
  FailEachOf(
      left,
      [&] { left.status = radie_model_open(kTagger.c_str(), &options, &left.handle, &left.error); },
      radie_model_free);
  EXPECT_GT(lines, 0U);
}

TEST_P(OutOfMemoryInC, OpeningAModelFromMemory) {
  std::ifstream file(kTagger, std::ios::binary);
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
      radie_model_free);
}

TEST_P(OutOfMemoryInC, MakingAnExtractor) {
  radie_model* const model = Opened(kTagger);
  radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
  options.threads = 1;
  Left<radie_extractor> left;
  FailEachOf(
      left, [&] { left.status = radie_extractor_new(model, &options, &left.handle, &left.error); },
      radie_extractor_free);
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

class ExtractingOutOfMemory : public OutOfMemoryInC {
 protected:
  void SetUp() override {
    radie_model* const model = Opened(kDemo);
    radie_extractor_options options = RADIE_EXTRACTOR_OPTIONS_INIT;
    options.threads = 1;
    ASSERT_EQ(radie_extractor_new(model, &options, &extractor_, nullptr), RADIE_OK);
    radie_model_free(model);
  }
  void TearDown() override { radie_extractor_free(extractor_); }

  // Of one text, by a call that nothing disturbs.
  std::string Json(std::string_view text) const {
    radie_string* json = nullptr;
    EXPECT_EQ(radie_extract_json(extractor_, text.data(), text.size(), &json, nullptr), RADIE_OK);
    std::string result(radie_string_data(json), radie_string_size(json));
    radie_string_free(json);
    return result;
  }

  radie_extractor* extractor_ = nullptr;
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
        EXPECT_EQ(std::string(radie_string_data(json), radie_string_size(json)), wanted);
        radie_string_free(json);
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

TEST_P(ExtractingOutOfMemory, ABatch) {
  std::array<std::string, 3> wanted;
  std::array<radie_text, 3> texts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    wanted[i] = Json(kTexts[i]);
    texts[i] = {kTexts[i].data(), kTexts[i].size()};
  }
  Left<radie_batch> left;
  const auto check = [&](radie_batch* batch) {
    ASSERT_EQ(radie_batch_size(batch), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const radie_report* report = radie_batch_report(batch, i);
      if (report == nullptr) {
        EXPECT_EQ(radie_error_code(radie_batch_error(batch, i)), RADIE_ERROR_OUT_OF_MEMORY);
        continue;
      }
      radie_string* json = nullptr;
      EXPECT_EQ(radie_report_json(report, "", RADIE_CODE_POINTS, &json, nullptr), RADIE_OK);
      EXPECT_EQ(radie_string_data(json), wanted[i]);
      radie_string_free(json);
    }
    radie_batch_free(batch);
  };
  FailEachOf(
      left,
      [&] {
        left.status = radie_extract_batch(extractor_, texts.data(), texts.size(), nullptr,
                                          &left.handle, &left.error);
      },
      check);
}

INSTANTIATE_TEST_SUITE_P(EachAllocation, OutOfMemoryInC,
                         testing::Values(1, radie::testing::kTwo, radie::testing::kAll),
                         radie::testing::NameOfCount);
INSTANTIATE_TEST_SUITE_P(EachAllocation, ExtractingOutOfMemory,
                         testing::Values(1, radie::testing::kTwo, radie::testing::kAll),
                         radie::testing::NameOfCount);

}  // namespace
