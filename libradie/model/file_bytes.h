// The bytes of a file, mapped or read, or a copy of the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace radie {

// Owns them; movable, and data() stays where it is, at a multiple of 64.
class FileBytes {
 public:
  // Map and Read throw Error(kIo) and take regular files only; Copy throws Error(kInvalidArgument)
  // for a null pointer with a size. A mapped file must not be cut short while it is in use: the
  // system then ends the process on the next access, as with every mapping.
  static FileBytes Map(const std::string& path);
  // `stays`: for long, so that large pages are worth what it takes to get them. `most`: no more
  // than so many bytes, from the file's begin.
  static FileBytes Read(const std::string& path, bool stays = false, std::size_t most = SIZE_MAX);
  static FileBytes Copy(const void* bytes, std::size_t size);

  const std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

  // Of a mapping, a part of it that is not read again soon need not stay in memory.
  void DropPages(const std::byte* begin, std::size_t bytes) const;

 private:
  struct Release {
    std::size_t mapped;  // bytes of the mapping; 0: from AllocateAligned
    void operator()(std::byte* bytes) const;
  };
  using Bytes = std::unique_ptr<std::byte, Release>;
  static Bytes Allocate(std::size_t size, bool stays);
  FileBytes(Bytes bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}

  Bytes bytes_;
  std::size_t size_ = 0;
};

}  // namespace radie
