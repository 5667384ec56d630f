// From the arguments of the command line to files to read, one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/file_identity.h"

namespace radie::tools {

enum class InputFormat { kByExtension, kText, kJsonLines, kHl7 };

struct InputFile {
  std::string path;  // "-": standard input
  std::string id;    // of the report when the file is one text: its name, or below a directory
                     // argument its path from there, without .gz or .zst
  InputFormat format = InputFormat::kText;  // not kByExtension
};

// Files are found as they are asked for; only the names of the folders being walked are held.
class InputFiles {
 public:
  // arguments: files, directories (searched recursively for .txt, .jsonl, .ndjson and .hl7, with
  // .gz or .zst behind it or not, in order of name), glob patterns, "-". `written`: the file or
  // folder that the run writes, which is no input.
  InputFiles(std::vector<std::string> arguments, InputFormat format,
             std::optional<FileIdentity> written = std::nullopt);

  // False at the end. A missing file is still given out, and so is a folder that cannot be listed:
  // reading it says why. Throws ExitError(kExitUsage) at what is `written`: a run that reads what
  // it writes may have no end.
  bool Next(InputFile& file);

 private:
  struct Entry {
    std::filesystem::path path;
    std::filesystem::path root;  // of the directory argument; empty for a file argument
    bool unlisted = false;       // a directory that could not be listed, or not to its end
  };

  bool IsWritten(const std::string& path) const;
  void Expand(const std::string& argument);
  void ExpandDirectory(const Entry& directory);
  InputFormat FormatOf(const std::filesystem::path& file) const;

  std::deque<std::string> arguments_;
  InputFormat format_;
  std::optional<FileIdentity> written_;
  std::deque<Entry> found_;
};

// Whether the name ends like that of JSON Lines; .gz and .zst are to be taken off before.
bool IsJsonLines(const std::filesystem::path& path);

// Throws ExitError(kExitUsage) naming the file and `option` where one of the files would be read as
// JSON Lines, which are UTF-8 always (RFC 8259).
void RefuseJsonLines(const std::vector<std::string>& arguments, InputFormat format,
                     const std::string& option);

// Bytes in all files, or 0 when that cannot be known beforehand (standard input, a pipe).
std::uint64_t TotalBytes(const std::vector<std::string>& arguments, InputFormat format);

}  // namespace radie::tools
