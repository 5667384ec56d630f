// One client's connection as httplib reads and writes it, with the limits httplib does not have:
// deadlines for a whole head and a whole body, a cap on the head, and neither a header nor framing
// of chunks that lets two readers see two different requests.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/serve/chunk_framing.h"

namespace radie::tools::serve {

using Clock = std::chrono::steady_clock;

struct StreamLimits {
  std::chrono::milliseconds timeout;  // for a head, for a body, and for taking each piece of answer
  std::chrono::milliseconds idle;     // between two requests
  std::size_t head_bytes = 8192;      // request line and header
  std::size_t body_bytes = 0;         // on the wire, chunk framing included
};

// Why reading ended before the request did.
enum class StreamFailure { kNone, kClosed, kTimedOut, kHeadTooLarge, kBodyTooLarge, kMalformed };

// Used by one thread. Does not own the socket, which must not block.
class ClientStream : public httplib::Stream {
 public:
  // `drain`: a descriptor that becomes readable when the server is to end; it never blocks a
  // request that has begun.
  ClientStream(int socket, int drain, const StreamLimits& limits);

  // Waits until a request begins. False when the client has gone, said nothing for too long, or the
  // server is ending and nothing came within a moment.
  bool WaitForRequest();

  // The deadline of the head starts; forgets the last request's counts.
  void BeginHead();

  // The head has been read: now the body's deadline and cap. Of one that comes in chunks httplib
  // gets to see sizes and data, and neither extensions nor trailers.
  void BeginBody(bool in_chunks);

  StreamFailure failure() const { return failure_; }

  // What stands in the head's first line, without its end, as far as it has been read.
  const std::string& first_line() const { return first_line_; }

  std::uint64_t bytes_read() const { return bytes_read_; }        // since BeginHead()
  std::uint64_t bytes_written() const { return bytes_written_; }  // since BeginHead()

  // Says that nothing more will be written, and reads for a moment what the client still sends, so
  // that it gets to see the answer. Call before the socket is closed on a client that may be
  // sending.
  void Linger();

  // httplib's. read() gives 0 at the end of the client's data and -1 for every failure().
  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  using httplib::Stream::write;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  ssize_t Fail(StreamFailure failure);
  bool Fill();                                                   // false: failure, or end of data
  bool WaitFor(short events, Clock::time_point deadline) const;  // false: not before the deadline
  bool HeadByte(char byte);
  int Ready();  // 1: there are bytes to read; 0: the end; -1: failure
  ChunkFraming::Verdict Look(const char* bytes, std::size_t size);  // the next that are read

  const int socket_;
  const int drain_;
  const StreamLimits limits_;
  std::array<char, 16384> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool in_head_ = true;
  char last_ = 0;
  bool in_first_line_ = true;
  std::string first_line_, field_line_;
  std::optional<ChunkFraming> framing_;  // of a body in chunks
  std::uint64_t part_bytes_ = 0;         // of the head, or of the body
  Clock::time_point deadline_{};
  StreamFailure failure_ = StreamFailure::kNone;
  bool broken_ = false;  // writing failed
  std::uint64_t bytes_read_ = 0, bytes_written_ = 0;
};

}  // namespace radie::tools::serve
