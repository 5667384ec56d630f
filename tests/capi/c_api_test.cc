// What callers of the C interface get wrong.
#include "radie/c_api.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr auto kInvalid = RADIE_ERROR_INVALID_ARGUMENT;

// The status that `call` gives; its error's message contains `part` and is then freed.
template <typename Call>
radie_status Told(const char* part, const Call& call) {
  radie_error* error = nullptr;
  const radie_status status = call(&error);
  EXPECT_EQ(radie_error_code(error), status);
  EXPECT_NE(std::string(radie_error_message(error)).find(part), std::string::npos)
      << radie_error_message(error);
  radie_error_free(error);
  return status;
}

TEST(CApi, NullIsFreedAndAsked) {
  radie_model_free(nullptr);
  radie_extractor_free(nullptr);
  radie_report_free(nullptr);
  radie_batch_free(nullptr);
  radie_string_free(nullptr);
  radie_error_free(nullptr);
  radie_cancel_free(nullptr);
  radie_cancel_request(nullptr);
  EXPECT_STREQ(radie_error_message(nullptr), "");
  EXPECT_EQ(radie_error_code(nullptr), RADIE_OK);
  EXPECT_EQ(radie_error_offset(nullptr, nullptr), 0);
  EXPECT_STREQ(radie_string_data(nullptr), "");
  EXPECT_EQ(radie_string_size(nullptr), 0u);
  EXPECT_EQ(radie_batch_size(nullptr), 0u);
  EXPECT_EQ(radie_report_entity_count(nullptr), 0u);
}

TEST(CApi, TellsItsVersionAndNamesEveryStatus) {
  EXPECT_STREQ(radie_version(), "0.1.0");
  EXPECT_STREQ(radie_status_name(RADIE_OK), "ok");
  EXPECT_STREQ(radie_status_name(RADIE_ERROR_CANCELLED), "cancelled");
  EXPECT_STREQ(radie_status_name(static_cast<radie_status>(77)), "internal");
}

TEST(CApi, AMissingFileIsIo) {
  radie_model* model = reinterpret_cast<radie_model*>(1);
  EXPECT_EQ(
      Told("no-such", [&](auto e) { return radie_model_open("no-such", nullptr, &model, e); }),
      RADIE_ERROR_IO);
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(radie_model_open("no-such", nullptr, &model, nullptr), RADIE_ERROR_IO);
}

TEST(CApi, DamagedBytesAreAnInvalidModelWithAnOffset) {
  radie_model* model = nullptr;
  const std::vector<char> bytes(64, '\x7f');
  EXPECT_EQ(Told("",
                 [&](auto e) {
                   return radie_model_open_memory(bytes.data(), bytes.size(), nullptr, &model, e);
                 }),
            RADIE_ERROR_INVALID_MODEL);
}

TEST(CApi, NullArgumentsAreNamed) {
  radie_model* model = nullptr;
  radie_extractor* extractor = nullptr;
  radie_report* report = nullptr;
  radie_string* json = nullptr;
  radie_batch* batch = nullptr;
  EXPECT_EQ(Told("path", [&](auto e) { return radie_model_open(nullptr, nullptr, &model, e); }),
            kInvalid);
  EXPECT_EQ(Told("bytes",
                 [&](auto e) { return radie_model_open_memory(nullptr, 1, nullptr, &model, e); }),
            kInvalid);
  EXPECT_EQ(Told("result", [&](auto e) { return radie_model_open("x", nullptr, nullptr, e); }),
            kInvalid);
  EXPECT_EQ(
      Told("model", [&](auto e) { return radie_extractor_new(nullptr, nullptr, &extractor, e); }),
      kInvalid);
  EXPECT_EQ(Told("extractor", [&](auto e) { return radie_extract(nullptr, "", 0, &report, e); }),
            kInvalid);
  EXPECT_EQ(Told("extractor", [&](auto e) { return radie_extract_json(nullptr, "", 0, &json, e); }),
            kInvalid);
  EXPECT_EQ(
      Told("texts",
           [&](auto e) { return radie_extract_batch(nullptr, nullptr, 1, nullptr, &batch, e); }),
      kInvalid);
  EXPECT_EQ(
      Told("report", [&](auto e) { return radie_report_json(nullptr, "", RADIE_UTF8, &json, e); }),
      kInvalid);
}

TEST(CApi, StructSizesThatCannotBeAreRefused) {
  radie_model* model = nullptr;
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{1} << 30}) {
    options.struct_size = size;
    EXPECT_EQ(Told("radie_load_options.struct_size",
                   [&](auto e) { return radie_model_open("no-such", &options, &model, e); }),
              kInvalid);
  }
}

TEST(CApi, ANewerHeadersFieldIsFineWhileItIsZero) {
  struct Newer {
    radie_load_options known;
    std::size_t unknown;
  } newer = {RADIE_LOAD_OPTIONS_INIT, 0};
  newer.known.struct_size = sizeof newer;
  radie_model* model = nullptr;
  const auto open = [&](auto e) { return radie_model_open("no-such", &newer.known, &model, e); };
  EXPECT_EQ(Told("no-such", open), RADIE_ERROR_IO);
  newer.unknown = 1;
  EXPECT_EQ(Told("does not know", open), kInvalid);
}

TEST(CApi, AnOlderHeadersOptionsLeaveTheRestAtTheDefaults) {
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.precision = "no such precision";
  options.struct_size = offsetof(radie_load_options, precision);
  radie_model* model = nullptr;
  EXPECT_EQ(radie_model_open("no-such", &options, &model, nullptr), RADIE_ERROR_IO);
  options.struct_size = sizeof options;
  EXPECT_EQ(radie_model_open("no-such", &options, &model, nullptr), kInvalid);
  options.precision = nullptr;
  options.isa = "pdp11";
  EXPECT_EQ(Told("isa", [&](auto e) { return radie_model_open("no-such", &options, &model, e); }),
            kInvalid);
}

TEST(CApi, AHeaderWithoutTheLaterFieldsStillOpensModels) {
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.mecab_dictionary = options.mecab_user_dictionary = "not read by older headers";
  options.verify_tensors = 1;
  options.threads = 5000;
  radie_model* model = nullptr;
  const char* const without_digest = RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie";
  EXPECT_EQ(radie_model_open(without_digest, &options, &model, nullptr), kInvalid);  // threads
  options.verify_tensors = 0;
  options.struct_size = offsetof(radie_load_options, threads);
  ASSERT_EQ(radie_model_open(without_digest, &options, &model, nullptr), RADIE_OK);
  radie_model_free(model);
  options.verify_tensors = 1;
  options.struct_size = offsetof(radie_load_options, mecab_dictionary);
  ASSERT_EQ(radie_model_open(without_digest, &options, &model, nullptr), RADIE_OK);
  radie_extractor_options extractor_options = RADIE_EXTRACTOR_OPTIONS_INIT;
  extractor_options.struct_size = offsetof(radie_extractor_options, cache_bytes);
  radie_extractor* extractor = nullptr;
  EXPECT_EQ(radie_extractor_new(model, &extractor_options, &extractor, nullptr), RADIE_OK);
  radie_extractor_free(extractor);
  radie_model_free(model);
}

TEST(CApi, VerifiesTensorsWhenAskedTo) {
  radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
  options.verify_tensors = 1;
  options.threads = 2;
  radie_model* model = nullptr;
  ASSERT_EQ(radie_model_open(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie", &options,
                             &model, nullptr),
            RADIE_OK);
  radie_model_free(model);
  model = nullptr;
  EXPECT_EQ(Told("tensors_sha256",
                 [&](auto e) {
                   return radie_model_open(RADIE_SOURCE_DIR "/tests/golden/tagger_crf.radie",
                                           &options, &model, e);
                 }),
            RADIE_ERROR_INVALID_MODEL);
}

#ifndef NDEBUG
TEST(CApi, AFreedHandleIsAnErrorInADebugBuild) {
  radie_cancel* cancel = nullptr;
  ASSERT_EQ(radie_cancel_new(&cancel, nullptr), RADIE_OK);
  radie_cancel_free(cancel);
  radie_cancel_free(cancel);
  radie_cancel_request(cancel);
  radie_extractor* extractor = nullptr;
  char nothing[64] = {};
  EXPECT_EQ(Told("was freed",
                 [&](auto e) {
                   return radie_extractor_new(reinterpret_cast<radie_model*>(nothing), nullptr,
                                              &extractor, e);
                 }),
            kInvalid);
}
#endif

}  // namespace
