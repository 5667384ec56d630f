// Two versions of the library in one process, as when a program and one of its plug-ins bring one
// each.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "radie/c_api.h"

namespace {

// Builds without NDEBUG, as for a sanitizer, keep a list of live handles until the process ends
// (live_handles.cc). Once the library is unloaded nobody knows of it, and it counts as leaked: so
// there it stays.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The library of this build with another version's number in it, in a folder of its own.
class OtherVersion {
 public:
  OtherVersion() {
    std::string folder = (std::filesystem::temp_directory_path() / "radie_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return;
    folder_ = folder;
    std::string bytes = ReadAll(RADIE_C_LIBRARY);
    const std::string version = std::string("\0", 1) + radie_version() + std::string("\0", 1);
    const std::size_t at = bytes.find(version);
    if (at == std::string::npos) return;
    bytes.replace(at + 1, version.size() - 2, version.size() - 2, '9');
    const std::string path = folder_ + "/libradie_c.so.1";
    std::ofstream(path, std::ios::binary) << bytes;
    // Global: the worst that a host can do.
    handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  }
  ~OtherVersion() {
    if (handle_ != nullptr && !kSanitized) dlclose(handle_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  OtherVersion(const OtherVersion&) = delete;
  OtherVersion& operator=(const OtherVersion&) = delete;

  bool is_open() const { return handle_ != nullptr; }

  template <typename Function>
  Function* Get(const char* name, Function*) const {
    return reinterpret_cast<Function*>(dlsym(handle_, name));
  }

 private:
  std::string folder_;
  void* handle_ = nullptr;
};

// What is called of one of the two.
struct Library {
  decltype(&radie_model_open) open = &radie_model_open;
  decltype(&radie_extractor_new) make = &radie_extractor_new;
  decltype(&radie_extract_json) extract = &radie_extract_json;
  decltype(&radie_string_data) data = &radie_string_data;
  decltype(&radie_error_message) message = &radie_error_message;
  decltype(&radie_string_free) free_string = &radie_string_free;
  decltype(&radie_error_free) free_error = &radie_error_free;
  decltype(&radie_extractor_free) free_extractor = &radie_extractor_free;
  decltype(&radie_model_free) free_model = &radie_model_free;

  explicit Library(const OtherVersion* other = nullptr) {
    if (other == nullptr) return;
    open = other->Get("radie_model_open", open);
    make = other->Get("radie_extractor_new", make);
    extract = other->Get("radie_extract_json", extract);
    data = other->Get("radie_string_data", data);
    message = other->Get("radie_error_message", message);
    free_string = other->Get("radie_string_free", free_string);
    free_error = other->Get("radie_error_free", free_error);
    free_extractor = other->Get("radie_extractor_free", free_extractor);
    free_model = other->Get("radie_model_free", free_model);
  }

  // The findings of a sample report, or what went wrong.
  std::string Extract(const std::string& text) const {
    radie_model* model = nullptr;
    radie_extractor* extractor = nullptr;
    radie_string* json = nullptr;
    radie_error* error = nullptr;
    open(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie", nullptr, &model, &error);
    if (error == nullptr) make(model, nullptr, &extractor, &error);
    if (error == nullptr) extract(extractor, text.data(), text.size(), &json, &error);
    const std::string result = error == nullptr ? data(json) : message(error);
    free_string(json);
    free_error(error);
    free_extractor(extractor);
    free_model(model);
    return result;
  }
};

TEST(TwoVersions, EachHasItsOwnCodeThreadsAndErrors) {
  const OtherVersion other;
  ASSERT_TRUE(other.is_open()) << dlerror();
  const auto version_of_other = other.Get("radie_version", &radie_version);
  ASSERT_NE(version_of_other, &radie_version);
  EXPECT_STREQ(version_of_other(), "99999");
  EXPECT_STRNE(radie_version(), version_of_other());

  const std::string text = ReadAll(RADIE_SOURCE_DIR "/examples/reports/01_chest_nodule.txt");
  const Library mine, its(&other);
  const std::string alone = mine.Extract(text);
  ASSERT_NE(alone.find("\"entities\""), std::string::npos);
  std::string at_once;
  std::thread second([&] { at_once = its.Extract(text); });
  EXPECT_EQ(mine.Extract(text), alone);
  second.join();
  EXPECT_EQ(at_once, alone);

  // An exception is thrown and caught inside each.
  const std::string not_utf8 = "\xff";
  EXPECT_EQ(its.Extract(not_utf8), mine.Extract(not_utf8));
  EXPECT_EQ(mine.Extract(not_utf8).find("\"entities\""), std::string::npos);
}

TEST(TwoVersions, OneWorksOnWhenTheOtherIsUnloaded) {
  if (kSanitized) GTEST_SKIP() << "in a build for a sanitizer the library is not unloaded";
  const std::string text = ReadAll(RADIE_SOURCE_DIR "/examples/reports/01_chest_nodule.txt");
  const std::string before = Library().Extract(text);
  {
    const OtherVersion other;
    ASSERT_TRUE(other.is_open());
    EXPECT_EQ(Library(&other).Extract(text), before);
  }
  EXPECT_EQ(Library().Extract(text), before);
}

}  // namespace
