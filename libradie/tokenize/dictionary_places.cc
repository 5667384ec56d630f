#include "libradie/tokenize/dictionary_places.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "libradie/base/tokenizer_config.h"
#include "radie/error.h"

namespace radie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSystemFolders[] = {
    "/var/lib/mecab/dic", "/usr/lib/x86_64-linux-gnu/mecab/dic",
    "/usr/lib/aarch64-linux-gnu/mecab/dic", "/usr/lib/mecab/dic", "/usr/local/lib/mecab/dic"};

bool HasDictionary(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "sys.dic", error);
}

// PREFIX/lib/PYTHON/{site,dist}-packages, where PYTHON is python3.N, python3.Nt (without the lock),
// the newest first, or python3. Asked for one by one: the C++ library's list of a folder ends the
// process when it has no memory for a name.
void AddPackageFolders(const fs::path& prefix, std::vector<fs::path>* folders) {
  const auto add = [&](const std::string& name) {
    const fs::path python = prefix / "lib" / name;
    std::error_code error;
    if (!fs::is_directory(python, error)) return;
    folders->push_back(python / "site-packages");
    folders->push_back(python / "dist-packages");
  };
  constexpr int kNewest = 99;
  for (int version = kNewest; version >= 0; --version) {
    const std::string name = "python3." + std::to_string(version);
    add(name);
    add(name + "t");
  }
  add("python3");
}

std::vector<fs::path> PackageFolders() {
  std::vector<fs::path> folders;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): safe as long as the host changes no variable meanwhile
  const char* environment = std::getenv("VIRTUAL_ENV");
  if (environment != nullptr && *environment != '\0') AddPackageFolders(environment, &folders);
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): the same
  if (home != nullptr && *home != '\0') AddPackageFolders(fs::path(home) / ".local", &folders);
  AddPackageFolders("/usr/local", &folders);
  AddPackageFolders("/usr", &folders);
  return folders;
}

std::vector<fs::path> Candidates(const std::string& name) {
  std::vector<fs::path> candidates;
  if (name == "ipadic") {
    candidates.push_back("/var/lib/mecab/dic/ipadic-utf8");
  } else if (name != "unidic_lite") {
    for (const std::string_view folder : kSystemFolders)
      candidates.push_back(fs::path(folder) / name);
  }
  for (const fs::path& folder : PackageFolders()) candidates.push_back(folder / name / "dicdir");
  return candidates;
}

std::string Advice(const std::string& name) {
  if (name == "ipadic") return "install Debian's mecab-ipadic-utf8 or PyPI's ipadic";
  if (name == "unidic_lite") return "install PyPI's unidic-lite (pip install unidic-lite)";
  return "install it";
}

}  // namespace

std::string FindDictionary(std::string_view given) {
  if (!IsDictionaryName(given)) {
    throw Error(ErrorCode::kInvalidArgument,
                "tokenizer.dictionary is no name of a dictionary (letters, digits, '-', '_', '.')");
  }
  const std::string name(given);
  for (const fs::path& candidate : Candidates(name)) {
    if (HasDictionary(candidate)) return candidate.string();
  }
  throw Error(ErrorCode::kIo,
              "tokenizer: the MeCab dictionary \"" + name +
                  "\" is not on this machine: " + Advice(name) +
                  ", or say where it is (LoadOptions::mecab_dictionary, --dictionary)");
}

}  // namespace radie
