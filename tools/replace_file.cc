#include "tools/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "tools/exit_codes.h"
#include "tools/output.h"
#include "tools/signals.h"

namespace radie::tools {
namespace {

void WriteDurably(const std::string& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) CannotWrite(path);
  try {
    Output(file, path).Write(content);
    if (::fsync(file) != 0) CannotWrite(path);
  } catch (...) {
    ::close(file);
    throw;
  }
  if (::close(file) != 0) CannotWrite(path);
}

// Makes renames in the folder last. Not every file system can, nor may everyone open every folder:
// then it is not ours to mend.
void SyncFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EACCES || errno == EPERM) return;
    CannotWrite(path);
  }
  const bool failed = ::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP;
  const int trouble = errno;
  ::close(descriptor);
  errno = trouble;
  if (failed) CannotWrite(path);
}

}  // namespace

void ReplaceFile(const std::string& path, std::string_view content) {
  const std::string unfinished = path + ".tmp";
  const WriteInProgress guard;  // else Ctrl-C would leave the unfinished file
  try {
    WriteDurably(unfinished, content);
    if (::rename(unfinished.c_str(), path.c_str()) != 0) CannotWrite(path);
  } catch (...) {
    ::unlink(unfinished.c_str());
    throw;
  }
  SyncFolderOf(path);
}

}  // namespace radie::tools
