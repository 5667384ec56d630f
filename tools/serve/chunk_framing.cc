#include "tools/serve/chunk_framing.h"

#include "tools/serve/field_lines.h"

namespace radie::tools::serve {
namespace {

// -1: none.
int HexDigit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

// Of an extension or a trailer's value.
bool IsText(char byte) { return byte == '\t' || static_cast<unsigned char>(byte) >= ' '; }

}  // namespace

ChunkFraming::Verdict ChunkFraming::Next(char byte) {
  switch (state_) {
    case State::kFirstDigit:
      size_ = 0;
      return Digit(byte);
    case State::kSize:
    case State::kExtension:
      return InSize(byte);
    case State::kSizeLf:
      data_left_ = size_;
      return Must(byte, '\n', size_ == 0 ? State::kTrailerOrEnd : State::kDataCr);
    case State::kDataCr:
      return Must(byte, '\r', State::kDataLf);
    case State::kDataLf:
      return Must(byte, '\n', State::kFirstDigit);
    case State::kTrailerLf:
      return Must(byte, '\n', State::kTrailerOrEnd, Verdict::kLeaveOut);
    case State::kLastLf:
      return Must(byte, '\n', State::kEnded);
    case State::kTrailerOrEnd:
      if (byte == '\r') return Must(byte, '\r', State::kLastLf);
      [[fallthrough]];
    case State::kTrailerName:
    case State::kTrailerValue:
      return InTrailer(byte);
    case State::kEnded:
      break;
  }
  return Verdict::kMalformed;
}

ChunkFraming::Verdict ChunkFraming::Must(char byte, char expected, State next, Verdict verdict) {
  if (byte != expected) return Verdict::kMalformed;
  state_ = next;
  return verdict;
}

ChunkFraming::Verdict ChunkFraming::Digit(char byte) {
  const int digit = HexDigit(byte);
  if (digit < 0) return Verdict::kMalformed;
  const auto value = static_cast<std::size_t>(digit);
  if (value > max_size_ || size_ > (max_size_ - value) / 16) return Verdict::kTooLarge;
  size_ = size_ * 16 + value;
  state_ = State::kSize;
  return Verdict::kKeep;
}

ChunkFraming::Verdict ChunkFraming::InSize(char byte) {
  if (byte == '\r') return Must(byte, '\r', State::kSizeLf);
  if (state_ == State::kSize && byte != ';') return Digit(byte);
  state_ = State::kExtension;
  return IsText(byte) ? Verdict::kLeaveOut : Verdict::kMalformed;
}

ChunkFraming::Verdict ChunkFraming::InTrailer(char byte) {
  if (state_ == State::kTrailerValue) {
    if (byte == '\r') return Must(byte, '\r', State::kTrailerLf, Verdict::kLeaveOut);
    return IsText(byte) ? Verdict::kLeaveOut : Verdict::kMalformed;
  }
  const bool name_ends = byte == ':' && state_ == State::kTrailerName;
  if (!name_ends && !IsNameByte(byte)) return Verdict::kMalformed;
  state_ = name_ends ? State::kTrailerValue : State::kTrailerName;
  return Verdict::kLeaveOut;
}

}  // namespace radie::tools::serve
