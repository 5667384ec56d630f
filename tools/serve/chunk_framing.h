// The framing of a body that comes in chunks (RFC 9112, 7.1), byte by byte: sizes in hexadecimal
// digits, extensions, trailers and line ends, and nothing else.
#pragma once

#include <cstddef>

namespace radie::tools::serve {

class ChunkFraming {
 public:
  enum class Verdict {
    kKeep,      // framing that any reader needs
    kLeaveOut,  // of an extension or a trailer: the body is the same without it
    kTooLarge,  // a chunk of more than the largest size
    kMalformed
  };

  explicit ChunkFraming(std::size_t max_size) : max_size_(max_size) {}

  // Bytes of data that come next. Where there are some they are passed over with SkipData(), at
  // most so many at a time; where there are none the next byte is for Next().
  std::size_t data_left() const { return data_left_; }
  void SkipData(std::size_t bytes) { data_left_ -= bytes; }

  // After kTooLarge, kMalformed and the end nothing more may be asked.
  Verdict Next(char byte);

  // The body is whole: what follows belongs to the next request.
  bool ended() const { return state_ == State::kEnded; }

 private:
  // What the next byte is, or what it must be.
  enum class State {
    kFirstDigit,
    kSize,
    kExtension,
    kSizeLf,
    kDataCr,
    kDataLf,
    kTrailerOrEnd,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kLastLf,
    kEnded
  };

  Verdict Digit(char byte);
  Verdict InSize(char byte);
  Verdict InTrailer(char byte);
  Verdict Must(char byte, char expected, State next, Verdict verdict = Verdict::kKeep);

  const std::size_t max_size_;
  State state_ = State::kFirstDigit;
  std::size_t size_ = 0;
  std::size_t data_left_ = 0;
};

}  // namespace radie::tools::serve
