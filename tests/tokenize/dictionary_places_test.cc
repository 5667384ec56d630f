// Where a dictionary is looked for that the model only names: in the packages of a Python.
#include "libradie/tokenize/dictionary_places.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/refusal.h"
#include "tests/tools/temporary_folder.h"

namespace radie {
namespace {

// A virtual environment, activated.
class Environment : public ::testing::Test {
 protected:
  Environment() {
    if (const char* before = std::getenv("VIRTUAL_ENV")) before_ = before;
    ::setenv("VIRTUAL_ENV", folder_.path().c_str(), 1);
  }
  ~Environment() override {
    before_ ? ::setenv("VIRTUAL_ENV", before_->c_str(), 1) : ::unsetenv("VIRTUAL_ENV");
  }

  // The dictionary's folder.
  std::string Add(const std::string& packages) const {
    const std::string name = "lib/" + packages + "/radie-test-words/dicdir/sys.dic";
    return std::filesystem::path(folder_.Write(name, "words")).parent_path().string();
  }

 private:
  const tools::Folder folder_;
  std::optional<std::string> before_;
};

TEST_F(Environment, TheNewestPythonsPackagesComeFirst) {
  const auto refusal = RefusalOf([] { FindDictionary("radie-test-words"); });
  EXPECT_EQ(refusal.code, ErrorCode::kIo);
  EXPECT_NE(refusal.message.find("\"radie-test-words\" is not on this machine"), std::string::npos);
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
  std::filesystem::remove(std::filesystem::path(newer) / "sys.dic");
  EXPECT_EQ(FindDictionary("radie-test-words"), older);
}

}  // namespace
}  // namespace radie
