#include "tools/line_reader.h"

namespace radie::tools {
namespace {

constexpr std::size_t kLineChunk = 1 << 16;

}  // namespace

bool LineReader::Fill() {
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kLineChunk);
  const std::size_t got = file_.Read(buffer_.data() + before, kLineChunk);
  buffer_.resize(before + got);
  bytes_read_ += got;
  at_end_ = got == 0;
  return got > 0;
}

LineReader::Result LineReader::Next(std::string& line) {
  for (;;) {
    const std::size_t feed = buffer_.find('\n', scanned_);
    if (feed == std::string::npos && buffer_.size() - begin_ > cap_) {
      skipping_ = true;
      begin_ = buffer_.size();
    }
    scanned_ = buffer_.size();
    if (feed == std::string::npos && Fill()) continue;

    const std::size_t end = feed == std::string::npos ? buffer_.size() : feed;
    if (feed == std::string::npos && end == begin_ && !skipping_) return Result::kEnd;
    ++line_number_;
    const bool too_long = skipping_ || end - begin_ > cap_;
    if (!too_long) line.assign(buffer_, begin_, end - begin_);
    begin_ = scanned_ = feed == std::string::npos ? end : feed + 1;
    skipping_ = false;
    return too_long ? Result::kTooLong : Result::kLine;
  }
}

bool LineReader::WouldWait() const {
  return !at_end_ && buffer_.find('\n', begin_) == std::string::npos && file_.WouldWait();
}

}  // namespace radie::tools
