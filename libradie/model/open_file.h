// A file as the system gives it; open_file_posix.cc and open_file_windows.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace radie {

// A regular file, open for reading. Everything here throws Error(kIo).
class OpenFile {
 public:
  explicit OpenFile(const std::string& path);  // UTF-8 on Windows, elsewhere the system's bytes
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  std::size_t size() const { return size_; }

  // The next bytes, at most `most` of them; returns how many, 0 at the file's end.
  std::size_t ReadSome(std::byte* to, std::size_t most) const;

  // All of the file, which must not be empty. Outlives the OpenFile; for UnmapFile.
  const std::byte* Map() const;

 private:
  std::string path_;
  std::intptr_t handle_;
  std::size_t size_ = 0;
};

void UnmapFile(const std::byte* bytes, std::size_t size);

// Whole pages of this part of a mapping need not stay in memory; they come back when they are
// touched. A hint: nothing happens where the system has no such call.
void DropMappedPages(const std::byte* bytes, std::size_t size);

// Error(kIo) about the model file `path`.
[[noreturn]] void ThrowModelFileError(const std::string& path, const std::string& problem);

}  // namespace radie
