#include "tools/run_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tools/exit_codes.h"
#include "tools/output.h"

namespace radie::tools {
namespace {

// A device or pipe cannot be gone back in, and opening one may wait or do something.
int OpenOutput(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode)) {
    throw ExitError(kExitUsage,
                    "--output: " + path + " is no regular file; standard output goes anywhere");
  }
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) CannotWrite(path);
  return descriptor;
}

std::uint64_t SizeOf(int descriptor) {
  struct stat facts = {};
  return ::fstat(descriptor, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

}  // namespace

RunFile::RunFile(const std::string& path, bool resume, RunSettings settings)
    : path_(path), descriptor_(OpenOutput(path)), output_(descriptor_, path, true) {
  try {
    Lock();
    std::optional<RunManifest> found;
    if (resume) found = ReadManifest(ManifestPath(path_));
    if (found) {
      RequireSameRun(path_, found->settings, settings);
      Resume(*found);
    } else if (SizeOf(descriptor_) > 0) {
      throw ExitError(kExitUsage,
                      resume ? path_ + ": there is no " + ManifestPath(path_) +
                                   ", so nobody knows which run this belongs to"
                             : path_ +
                                   ": there is such a file already, and none is written over; "
                                   "--resume goes on with it");
    } else {
      manifest_.settings = std::move(settings);
      Checkpoint({});
    }
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

RunFile::~RunFile() { ::close(descriptor_); }

// Where a file system has no locks there is none: the run is no worse for it.
void RunFile::Lock() const {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw ExitError(kExitSomeFailed, path_ + ": another process is writing it");
}

void RunFile::Resume(const RunManifest& found) {
  manifest_ = found;
  if (!HoldsWhatIsDone()) {
    throw ExitError(kExitUsage, path_ + ": does not begin with the " +
                                    std::to_string(manifest_.done.reports) + " lines in " +
                                    std::to_string(manifest_.done.output_bytes) + " bytes that " +
                                    ManifestPath(path_) + " tells of");
  }
  const auto size = static_cast<off_t>(manifest_.done.output_bytes);
  if (::ftruncate(descriptor_, size) != 0 || ::lseek(descriptor_, size, SEEK_SET) != size)
    CannotWrite(path_);
}

bool RunFile::HoldsWhatIsDone() const {
  std::string chunk(std::size_t{1} << 20, '\0');
  std::uint64_t lines = 0, at = 0;
  char last = '\n';
  while (at < manifest_.done.output_bytes) {
    const std::uint64_t wanted =
        std::min<std::uint64_t>(chunk.size(), manifest_.done.output_bytes - at);
    const ssize_t got = ::pread(descriptor_, chunk.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    lines += static_cast<std::uint64_t>(std::count(chunk.data(), chunk.data() + got, '\n'));
    last = chunk[static_cast<std::size_t>(got) - 1];
    at += static_cast<std::uint64_t>(got);
  }
  return last == '\n' && lines == manifest_.done.reports;
}

void RunFile::Checkpoint(RunDone done) {
  if (::fsync(descriptor_) != 0) CannotWrite(path_);
  const off_t position = ::lseek(descriptor_, 0, SEEK_CUR);
  if (position < 0) CannotWrite(path_);
  done.output_bytes = static_cast<std::uint64_t>(position);
  manifest_.done = std::move(done);
  WriteManifest(ManifestPath(path_), manifest_);
}

}  // namespace radie::tools
