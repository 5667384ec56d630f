// Where a dictionary is looked for that the model only names: in the packages of a Python.
#include "libradie/tokenize/dictionary_places.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "radie/error.h"

namespace radie {
namespace {

namespace fs = std::filesystem;

// A virtual environment, activated.
class Environment : public ::testing::Test {
 protected:
  Environment() {
    if (const char* before = std::getenv("VIRTUAL_ENV")) before_ = before;
    ::setenv("VIRTUAL_ENV", folder_.c_str(), 1);
  }
  ~Environment() override {
    before_ ? ::setenv("VIRTUAL_ENV", before_->c_str(), 1) : ::unsetenv("VIRTUAL_ENV");
    fs::remove_all(folder_);
  }

  std::string Add(const std::string& packages) const {
    const fs::path dictionary = folder_ / "lib" / packages / "radie-test-words/dicdir";
    fs::create_directories(dictionary);
    std::ofstream(dictionary / "sys.dic") << "dictionary";
    return dictionary.string();
  }

 private:
  static fs::path NewFolder() {
    std::string folder = ::testing::TempDir() + "radie_XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return folder;
  }

  const fs::path folder_ = NewFolder();
  std::optional<std::string> before_;
};

TEST_F(Environment, TheNewestPythonsPackagesComeFirst) {
  try {
    FindDictionary("radie-test-words");
    FAIL() << "it is there before it is made";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_NE(std::string(error.what()).find("\"radie-test-words\" is not on this machine"),
              std::string::npos);
  }
  for (const char* packages :
       {"python3/dist-packages", "python3.9/site-packages", "python3.13t/dist-packages",
        "python3.13t/site-packages", "python3.13/site-packages", "python3.14t/site-packages"}) {
    const std::string added = Add(packages);
    EXPECT_EQ(FindDictionary("radie-test-words"), added);
  }
}

// A folder alone is no dictionary.
TEST_F(Environment, WhatHoldsNoWordsIsPassedOver) {
  const std::string older = Add("python3.10/site-packages"),
                    newer = Add("python3.11/site-packages");
  fs::remove(fs::path(newer) / "sys.dic");
  EXPECT_EQ(FindDictionary("radie-test-words"), older);
}

}  // namespace
}  // namespace radie
