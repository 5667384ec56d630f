#include "libradie/model/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "radie/error.h"

namespace radie {
namespace {

[[noreturn]] void ThrowIo(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::kIo, "model file " + path + ": " + problem);
}

std::string SystemMessage(int number) { return std::generic_category().message(number); }

// A regular file, open for reading.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : path_(path) {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) ThrowIo(path, SystemMessage(errno));
    struct stat facts;
    if (::fstat(descriptor_, &facts) != 0) Close(SystemMessage(errno));
    if (!S_ISREG(facts.st_mode)) Close("not a regular file");
    size_ = static_cast<std::size_t>(facts.st_size);
  }
  ~OpenFile() { ::close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const { return descriptor_; }
  std::size_t size() const { return size_; }

  void ReadAll(std::byte* to) const {
    std::size_t done = 0;
    while (done < size_) {
      const ssize_t got = ::read(descriptor_, to + done, size_ - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) ThrowIo(path_, SystemMessage(errno));
      if (got == 0) {
        ThrowIo(path_,
                "ended after " + std::to_string(done) + " of " + std::to_string(size_) + " bytes");
      }
      done += static_cast<std::size_t>(got);
    }
  }

 private:
  // From the constructor, where a throw does not run the destructor.
  [[noreturn]] void Close(const std::string& problem) {
    ::close(descriptor_);
    ThrowIo(path_, problem);
  }

  const std::string& path_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
};

}  // namespace

void FileBytes::Release::operator()(const std::byte* bytes) const {
  if (mapped != 0) {
    ::munmap(const_cast<std::byte*>(bytes), mapped);
  } else {
    delete[] bytes;
  }
}

FileBytes FileBytes::Map(const std::string& path) {
  const OpenFile file(path);
  if (file.size() == 0) return Copy(nullptr, 0);  // nothing to map
  void* mapped = ::mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (mapped == MAP_FAILED) ThrowIo(path, "cannot be mapped: " + SystemMessage(errno));
  return FileBytes(Bytes(static_cast<const std::byte*>(mapped), Release{file.size()}), file.size());
}

FileBytes FileBytes::Read(const std::string& path) {
  const OpenFile file(path);
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(file.size());
  file.ReadAll(bytes.get());
  return FileBytes(Bytes(bytes.release(), Release{0}), file.size());
}

FileBytes FileBytes::Copy(const void* bytes, std::size_t size) {
  if (bytes == nullptr && size != 0) {
    throw Error(ErrorCode::kInvalidArgument, "model bytes: a null pointer");
  }
  auto copy = std::make_unique_for_overwrite<std::byte[]>(size);
  if (size != 0) std::memcpy(copy.get(), bytes, size);
  return FileBytes(Bytes(copy.release(), Release{0}), size);
}

}  // namespace radie
