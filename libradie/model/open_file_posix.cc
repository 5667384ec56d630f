#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "libradie/model/open_file.h"

namespace radie {
namespace {

std::string SystemMessage(int number) { return std::generic_category().message(number); }

int Descriptor(std::intptr_t handle) { return static_cast<int>(handle); }

// From the constructor, where a throw does not run the destructor.
[[noreturn]] void CloseAndThrow(int descriptor, const std::string& path,
                                const std::string& problem) {
  ::close(descriptor);
  ThrowModelFileError(path, problem);
}

}  // namespace

OpenFile::OpenFile(const std::string& path) : path_(path) {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) ThrowModelFileError(path, SystemMessage(errno));
  struct stat facts;
  if (::fstat(descriptor, &facts) != 0) CloseAndThrow(descriptor, path, SystemMessage(errno));
  if (!S_ISREG(facts.st_mode)) CloseAndThrow(descriptor, path, "not a regular file");
  handle_ = descriptor;
  size_ = static_cast<std::size_t>(facts.st_size);
}

OpenFile::~OpenFile() { ::close(Descriptor(handle_)); }

std::size_t OpenFile::ReadSome(std::byte* to, std::size_t most) const {
  for (;;) {
    const ssize_t got = ::read(Descriptor(handle_), to, most);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) ThrowModelFileError(path_, SystemMessage(errno));
  }
}

const std::byte* OpenFile::Map() const {
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, Descriptor(handle_), 0);
  if (mapped == MAP_FAILED) {
    ThrowModelFileError(path_, "cannot be mapped: " + SystemMessage(errno));
  }
  return static_cast<const std::byte*>(mapped);
}

void UnmapFile(const std::byte* bytes, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): munmap takes, and frees, what Map gave
  ::munmap(const_cast<std::byte*>(bytes), size);
}

void DropMappedPages(const std::byte* bytes, std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t skipped = (page - reinterpret_cast<std::uintptr_t>(bytes) % page) % page;
  if (size < skipped + page) return;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): madvise writes nothing
  ::madvise(const_cast<std::byte*>(bytes) + skipped, (size - skipped) / page * page, MADV_DONTNEED);
}

}  // namespace radie
