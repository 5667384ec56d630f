#include "tools/input_files.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/compression.h"
#include "tools/exit_codes.h"

namespace radie::tools {
namespace {

namespace fs = std::filesystem;

bool HasReportExtension(const fs::path& file) {
  const fs::path path = NameInside(file);
  return path.extension() == ".txt" || path.extension() == ".hl7" || IsJsonLines(path);
}

std::vector<std::string> Glob(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t matches = {};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread alone reads the inputs
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  return paths;
}

[[noreturn]] void RefuseWritten(const std::string& name) {
  throw ExitError(kExitUsage, name + ": the output is one of the inputs");
}

}  // namespace

bool IsJsonLines(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".jsonl" || extension == ".ndjson";
}

// cppcheck-suppress passedByValue  // its strings are moved out, by iterators
InputFiles::InputFiles(std::vector<std::string> arguments, InputFormat format,
                       std::optional<FileIdentity> written)
    : arguments_(std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end())),
      format_(format),
      written_(written) {}

InputFormat InputFiles::FormatOf(const fs::path& file) const {
  if (format_ != InputFormat::kByExtension) return format_;
  const fs::path path = NameInside(file);
  if (path.extension() == ".hl7") return InputFormat::kHl7;
  return IsJsonLines(path) ? InputFormat::kJsonLines : InputFormat::kText;
}

bool InputFiles::IsWritten(const std::string& path) const {
  return written_ && (path == "-" ? IdentityOf(STDIN_FILENO) : IdentityOf(path)) == written_;
}

bool InputFiles::Next(InputFile& file) {
  for (;;) {
    if (found_.empty()) {
      if (arguments_.empty()) return false;
      const std::string argument = std::move(arguments_.front());
      arguments_.pop_front();
      if (argument == "-") {
        if (IsWritten(argument)) RefuseWritten("standard input");
        file = {"-", "stdin", format_ == InputFormat::kByExtension ? InputFormat::kText : format_};
        return true;
      }
      Expand(argument);
      continue;
    }
    const Entry entry = std::move(found_.front());
    found_.pop_front();
    if (IsWritten(entry.path.string())) RefuseWritten(entry.path.string());
    std::error_code error;
    if (!entry.unlisted && fs::is_directory(entry.path, error)) {
      ExpandDirectory(entry);
      continue;
    }
    const fs::path id =
        entry.root.empty() ? entry.path.filename() : entry.path.lexically_relative(entry.root);
    file = {entry.path.string(), NameInside(id).string(), FormatOf(entry.path)};
    return true;
  }
}

void InputFiles::Expand(const std::string& argument) {
  std::error_code error;
  const auto push = [&](const std::string& path) {
    found_.push_back({path, fs::is_directory(path, error) ? fs::path(path) : fs::path()});
  };
  // A file whose name holds a * is itself, not a pattern.
  if (!fs::exists(argument, error) && argument.find_first_of("*?[") != std::string::npos) {
    const std::vector<std::string> matches = Glob(argument);
    if (!matches.empty()) {
      for (const std::string& path : matches) push(path);
      return;
    }
  }
  push(argument);
}

void InputFiles::ExpandDirectory(const Entry& directory) {
  std::vector<fs::path> children;
  std::error_code error;
  for (fs::directory_iterator it(directory.path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    // Links to directories are not followed: they may lead in a circle.
    const bool folder = it->is_directory(ignored) && !it->is_symlink(ignored);
    if (folder || (HasReportExtension(it->path()) && !it->is_directory(ignored)))
      children.push_back(it->path());
  }
  std::sort(children.begin(), children.end());
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    found_.push_front({*child, directory.root});
  }
  if (error) found_.push_front({directory.path, directory.root, true});
}

void RefuseJsonLines(const std::vector<std::string>& arguments, InputFormat format,
                     const std::string& option) {
  InputFiles files(arguments, format);
  for (InputFile file; files.Next(file);) {
    if (file.format == InputFormat::kJsonLines) {
      throw ExitError(kExitUsage, file.id + ": JSON Lines, which are UTF-8 always; " + option +
                                      " is for text files");
    }
  }
}

std::uint64_t TotalBytes(const std::vector<std::string>& arguments, InputFormat format) {
  InputFiles files(arguments, format);
  std::uint64_t total = 0;
  for (InputFile file; files.Next(file);) {
    std::error_code error;
    if (file.path == "-" || !fs::is_regular_file(file.path, error)) return 0;
    const std::uintmax_t size = fs::file_size(file.path, error);
    if (!error) total += size;
  }
  return total;
}

}  // namespace radie::tools
