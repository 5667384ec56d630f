#include "tools/open_file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "radie/error.h"
#include "tools/exit_codes.h"

namespace radie::tools {
namespace {

constexpr std::size_t kChunk = 1 << 16;

std::string NameFor(const std::string& path) { return path == "-" ? "standard input" : path; }

[[noreturn]] void FailToRead(const std::string& path) {
  throw ExitError(kExitSomeFailed, NameFor(path) + ": " + std::generic_category().message(errno));
}

}  // namespace

OpenFile::OpenFile(const std::string& path)
    : path_(path),
      descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) FailToRead(path_);
}

OpenFile::~OpenFile() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::size_t OpenFile::Read(char* bytes, std::size_t size) {
  if (!started_) Start();
  return decompressor_ ? ReadCompressed(bytes, size) : ReadPlain(bytes, size);
}

// Reads no further than it must to tell: whoever writes the other end may wait for an answer.
void OpenFile::Start() {
  started_ = true;
  std::optional<Compression> found;
  for (bool at_end = false; !found; found = CompressionOfContent(raw_, at_end)) {
    const std::size_t before = raw_.size();
    raw_.resize(before + kChunk);
    const std::size_t got = ReadRaw(raw_.data() + before, kChunk);
    raw_.resize(before + got);
    at_end = got == 0;
  }
  const Compression named = path_ == "-" ? Compression::kNone : CompressionOfName(path_);
  if (*found == Compression::kNone && named == Compression::kNone) return;
  if (*found == Compression::kNone) {
    FailAt(raw_.empty() ? "empty, and no " + std::string(CompressionName(named)) + " data"
                        : "no " + std::string(CompressionName(named)) + " data, as its name says");
  }
  try {
    decompressor_ = MakeDecompressor(*found);
  } catch (const Error& error) {
    FailAt(error.what());
  }
}

std::size_t OpenFile::ReadPlain(char* bytes, std::size_t size) {
  if (raw_.empty()) return ReadRaw(bytes, size);
  const std::size_t count = raw_.copy(bytes, size, raw_begin_);
  raw_begin_ += count;
  if (raw_begin_ == raw_.size()) {
    raw_ = std::string();
    raw_begin_ = 0;
  }
  return count;
}

std::size_t OpenFile::ReadCompressed(char* bytes, std::size_t size) {
  for (;;) {
    std::string_view rest = std::string_view(raw_).substr(raw_begin_);
    std::size_t got = 0;
    std::string trouble;
    try {
      got = decompressor_->Next(rest, bytes, size);
    } catch (const Error& error) {
      trouble = error.what();
    }
    raw_begin_ = raw_.size() - rest.size();
    if (!trouble.empty()) FailAt(trouble);
    more_inside_ = got == size;
    if (got > 0) return got;
    if (!rest.empty()) FailAt("compressed data that lead nowhere");
    Refill();
    if (raw_.empty()) {
      if (!decompressor_->MayEnd()) FailAt("compressed data that end too early");
      return 0;
    }
  }
}

void OpenFile::Refill() {
  raw_.resize(kChunk);
  raw_begin_ = 0;
  raw_.resize(ReadRaw(raw_.data(), kChunk));
}

std::size_t OpenFile::ReadRaw(char* bytes, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, bytes, size);
    if (got >= 0) {
      bytes_read_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) FailToRead(path_);
  }
}

void OpenFile::FailAt(const std::string& why) const {
  const std::uint64_t at = bytes_read_ - (raw_.size() - raw_begin_);
  throw ExitError(kExitSomeFailed, NameFor(path_) + ": byte " + std::to_string(at) + ": " + why);
}

bool OpenFile::WouldWait() const {
  if (raw_begin_ < raw_.size() || more_inside_) return false;
  pollfd state = {descriptor_, POLLIN, 0};
  return ::poll(&state, 1, 0) == 0;
}

std::string ReadUpTo(OpenFile& file, std::size_t limit) {
  std::string text;
  while (text.size() < limit) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kChunk, limit - before));
    const std::size_t got = file.Read(text.data() + before, text.size() - before);
    text.resize(before + got);
    if (got == 0) break;
  }
  return text;
}

}  // namespace radie::tools
