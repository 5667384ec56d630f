#include "tools/serve/client_stream.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tools/serve/field_lines.h"

namespace radie::tools::serve {
namespace {

// What a client may still send when the server ends and its connection is idle.
constexpr std::chrono::milliseconds kLastCall{200};
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = std::size_t{64} << 20;

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left + 1, 0, 3'600'000));
}

void AddressOf(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    port = ntohs(v6.sin6_port);
  }
  ip = text;
}

}  // namespace

ClientStream::ClientStream(int socket, int drain, const StreamLimits& limits)
    : socket_(socket), drain_(drain), limits_(limits) {}

bool ClientStream::WaitForRequest() {
  if (begin_ < end_) return true;
  pollfd both[] = {{socket_, POLLIN, 0}, {drain_, POLLIN, 0}};
  const Clock::time_point deadline = Clock::now() + limits_.idle;
  int ready = 0;
  do {
    ready = ::poll(both, 2, MillisecondsUntil(deadline));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return false;
  return both[0].revents != 0 || WaitFor(POLLIN, Clock::now() + kLastCall);
}

void ClientStream::BeginHead() {
  in_head_ = true;
  last_ = 0;
  in_first_line_ = true;
  first_line_.clear();
  field_line_.clear();
  framing_.reset();
  part_bytes_ = bytes_read_ = bytes_written_ = 0;
  failure_ = StreamFailure::kNone;
  deadline_ = Clock::now() + limits_.timeout;
}

void ClientStream::BeginBody(bool in_chunks) {
  in_head_ = false;
  if (in_chunks) framing_.emplace(limits_.body_bytes);
  part_bytes_ = 0;
  deadline_ = Clock::now() + limits_.timeout;
}

void ClientStream::Linger() {
  ::shutdown(socket_, SHUT_WR);
  const Clock::time_point deadline = Clock::now() + kLinger;
  for (std::size_t seen = 0; seen < kLingerBytes && WaitFor(POLLIN, deadline);) {
    const ssize_t size = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return;
    seen += static_cast<std::size_t>(std::max<ssize_t>(size, 0));
  }
}

bool ClientStream::is_readable() const { return failure_ == StreamFailure::kNone; }

bool ClientStream::is_writable() const { return !broken_; }

ssize_t ClientStream::Fail(StreamFailure failure) {
  failure_ = failure;
  return -1;
}

bool ClientStream::WaitFor(short events, Clock::time_point deadline) const {
  pollfd one = {socket_, events, 0};
  for (;;) {
    const int ready = ::poll(&one, 1, MillisecondsUntil(deadline));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool ClientStream::Fill() {
  for (;;) {
    const ssize_t size = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (size > 0) {
      begin_ = 0;
      end_ = static_cast<std::size_t>(size);
      return true;
    }
    if (size == 0) return false;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!WaitFor(POLLIN, deadline_)) {
        Fail(StreamFailure::kTimedOut);
        return false;
      }
    } else if (errno != EINTR) {
      Fail(StreamFailure::kClosed);
      return false;
    }
  }
}

// httplib passes over header lines that end with a bare LF or are no fields, and ends a request
// line at a NUL: what stands in front of this server may read them otherwise.
bool ClientStream::HeadByte(char byte) {
  if (byte == '\0' || (byte == '\n') != (last_ == '\r')) return false;
  last_ = byte;
  if (byte == '\r') return in_first_line_ || field_line_.empty() || IsFieldLine(field_line_);
  if (byte == '\n') {
    in_first_line_ = false;
    field_line_.clear();
  } else {
    (in_first_line_ ? first_line_ : field_line_) += byte;
  }
  return true;
}

ChunkFraming::Verdict ClientStream::Look(const char* bytes, std::size_t size) {
  using Verdict = ChunkFraming::Verdict;
  if (in_head_) {
    const bool good =
        std::all_of(bytes, bytes + size, [this](char byte) { return HeadByte(byte); });
    return good ? Verdict::kKeep : Verdict::kMalformed;
  }
  if (!framing_) return Verdict::kKeep;
  if (framing_->data_left() == 0) return framing_->Next(*bytes);
  framing_->SkipData(size);
  return Verdict::kKeep;
}

int ClientStream::Ready() {
  if (failure_ != StreamFailure::kNone) return -1;
  if (framing_ && framing_->ended()) return 0;
  // A client that sends a byte now and then is always ready: the deadline holds for it as well.
  if (Clock::now() > deadline_) Fail(StreamFailure::kTimedOut);
  if (failure_ == StreamFailure::kNone && (begin_ < end_ || Fill())) return 1;
  // httplib takes the end of the data for the end of a line.
  if (failure_ == StreamFailure::kNone && framing_) Fail(StreamFailure::kClosed);
  return failure_ == StreamFailure::kNone ? 0 : -1;
}

ssize_t ClientStream::read(char* bytes, std::size_t size) {
  for (;;) {
    if (const int ready = Ready(); ready <= 0) return ready;
    std::size_t take = std::min(size, end_ - begin_);
    if (framing_) take = std::min(take, std::max<std::size_t>(framing_->data_left(), 1));
    const std::size_t cap = in_head_ ? limits_.head_bytes : limits_.body_bytes;
    if (take > cap - part_bytes_) {
      return Fail(in_head_ ? StreamFailure::kHeadTooLarge : StreamFailure::kBodyTooLarge);
    }
    const char* const from = buffer_.data() + begin_;
    const ChunkFraming::Verdict verdict = Look(from, take);
    if (verdict == ChunkFraming::Verdict::kTooLarge) return Fail(StreamFailure::kBodyTooLarge);
    if (verdict == ChunkFraming::Verdict::kMalformed) return Fail(StreamFailure::kMalformed);
    begin_ += take;
    part_bytes_ += take;
    bytes_read_ += take;
    if (verdict == ChunkFraming::Verdict::kLeaveOut) continue;
    std::copy_n(from, take, bytes);
    return static_cast<ssize_t>(take);
  }
}

ssize_t ClientStream::write(const char* bytes, std::size_t size) {
  const Clock::time_point deadline = Clock::now() + limits_.timeout;
  std::size_t done = 0;
  while (!broken_ && done < size) {
    const ssize_t sent = ::send(socket_, bytes + done, size - done, MSG_NOSIGNAL);
    if (sent >= 0) {
      done += static_cast<std::size_t>(sent);
      bytes_written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      broken_ = !WaitFor(POLLOUT, deadline);
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
  return broken_ ? -1 : static_cast<ssize_t>(size);
}

void ClientStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    AddressOf(address, ip, port);
}

void ClientStream::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    AddressOf(address, ip, port);
}

}  // namespace radie::tools::serve
