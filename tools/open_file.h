// A file to read, plain or compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/compression.h"

namespace radie::tools {

// A descriptor that is closed when it goes. What begins like gzip or zstd data, whatever its name,
// is read as the plain bytes inside; what is named .gz or .zst must. Throws
// ExitError(kExitSomeFailed) "PATH: why" when it cannot be opened. "-" is standard input, which is
// not closed.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // Up to `size` (1 or more) bytes; 0 at the end. Throws ExitError(kExitSomeFailed); of compressed
  // data that are damaged or cut off the message tells the byte of the file where that showed.
  std::size_t Read(char* bytes, std::size_t size);

  // Would Read() have to wait for whoever writes the other end?
  bool WouldWait() const;

  // Bytes of the file itself, compressed as they may be, that were read so far.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  void Start();
  std::size_t ReadPlain(char* bytes, std::size_t size);
  std::size_t ReadCompressed(char* bytes, std::size_t size);
  std::size_t ReadRaw(char* bytes, std::size_t size);
  void Refill();
  [[noreturn]] void FailAt(const std::string& why) const;

  std::string path_;
  int descriptor_;
  bool started_ = false;
  std::unique_ptr<Decompressor> decompressor_;  // null: plain
  std::string raw_;  // of the file; [raw_begin_, …) is still to be used
  std::size_t raw_begin_ = 0;
  bool more_inside_ = false;  // the decompressor filled all that it was given
  std::uint64_t bytes_read_ = 0;
};

// The whole file, or its first `limit` bytes when it is longer.
std::string ReadUpTo(OpenFile& file, std::size_t limit);

}  // namespace radie::tools
