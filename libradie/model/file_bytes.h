// The bytes of a file, mapped or read, or a copy of the caller's.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace radie {

// Owns them; movable, and data() stays where it is.
class FileBytes {
 public:
  // Map and Read throw Error(kIo) and take regular files only; Copy throws Error(kInvalidArgument)
  // for a null pointer with a size. A mapped file must not be cut short while it is in use: the
  // system then ends the process on the next access, as with every mapping.
  static FileBytes Map(const std::string& path);
  static FileBytes Read(const std::string& path);
  static FileBytes Copy(const void* bytes, std::size_t size);

  const std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Release {
    std::size_t mapped;  // bytes of the mapping; 0: from new[]
    void operator()(const std::byte* bytes) const;
  };
  using Bytes = std::unique_ptr<const std::byte, Release>;
  FileBytes(Bytes bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}

  Bytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace radie
