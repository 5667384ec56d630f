// Every input of the committed corpora, through its target.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fuzz.h"

namespace radie::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpora = fs::path(RADIE_SOURCE_DIR) / "tests/fuzz/corpus";

std::vector<fs::path> FilesOf(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  return files;
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, Replays) {
  const std::vector<fs::path> files = FilesOf(kCorpora / GetParam().name);
  EXPECT_FALSE(files.empty());
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.filename().string());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    // Of exactly its size, so that a sanitizer sees the first byte behind it.
    const std::unique_ptr<char[]> copy(new char[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    GetParam().run({copy.get(), bytes.size()});
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(Targets()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(FuzzCorpora, HaveATargetEach) {
  for (const fs::path& folder : FilesOf(kCorpora)) {
    const bool known = std::any_of(Targets().begin(), Targets().end(), [&](const Target& target) {
      return folder.filename() == target.name;
    });
    EXPECT_TRUE(known) << folder;
  }
}

}  // namespace
}  // namespace radie::fuzz
