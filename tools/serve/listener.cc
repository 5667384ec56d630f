#include "tools/serve/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <system_error>
#include <thread>

#include "tools/exit_codes.h"
#include "tools/serve/access_log.h"

namespace radie::tools::serve {
namespace {

constexpr int kBacklog = 1024;
constexpr std::chrono::seconds kRefusedStay{1};
constexpr std::size_t kMaxRefused = 128;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {
    if (value < 0) throw ExitError(kExitSomeFailed, std::generic_category().message(errno));
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

int OpenSignals() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  return ::signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Connections over the limit: they were told so, and are kept a moment so that they get to read it.
class RefusedConnections {
 public:
  ~RefusedConnections() {
    for (const Refused& one : refused_) ::close(one.socket);
  }

  void Add(int socket) {
    const std::string answer = RawError(503);
    [[maybe_unused]] const ssize_t sent =
        ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
    if (refused_.size() == kMaxRefused) {
      ::close(refused_.front().socket);
      refused_.erase(refused_.begin());
    }
    refused_.push_back({socket, Clock::now() + kRefusedStay});
  }

  // Reads what they sent, closes those that have gone or stayed long enough.
  void Tend() {
    std::erase_if(refused_, [](const Refused& one) {
      char bytes[4096];
      const ssize_t size = ::recv(one.socket, bytes, sizeof bytes, MSG_DONTWAIT);
      const bool over = size == 0 || (size < 0 && errno != EAGAIN) || Clock::now() > one.until;
      if (over) ::close(one.socket);
      return over;
    });
  }

  bool empty() const { return refused_.empty(); }

 private:
  struct Refused {
    int socket;
    Clock::time_point until;
  };
  std::vector<Refused> refused_;
};

class Listener {
 public:
  Listener(ListeningSocket& socket, HttpServer& server, const ListenerOptions& options,
           Metrics& metrics)
      : socket_(socket),
        server_(server),
        options_(options),
        metrics_(metrics),
        signals_(OpenSignals()),
        drain_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  void Run() {
    std::optional<Clock::time_point> end;
    while (!end || Clock::now() < *end) {
      if (WaitForEvent() && TakeSignal()) {
        if (end) ::_exit(128 + last_signal_);
        LogEvent("draining");
        server_.Drain();
        end = Clock::now() + std::chrono::seconds(options_.drain_delay_seconds);
      }
      AcceptAll();
      refused_.Tend();
    }
    AcceptAll();
    socket_.Close();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t told = ::write(drain_.get(), &one, sizeof one);
    WaitForConnections();
    LogEvent("stopped");
  }

 private:
  // Until something is to be accepted, a signal came, or refused connections need a look.
  bool WaitForEvent() {
    pollfd both[] = {{socket_.descriptor(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    return ::poll(both, 2, refused_.empty() ? 500 : 20) > 0;
  }

  bool TakeSignal() {
    signalfd_siginfo info;
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) return false;
    last_signal_ = static_cast<int>(info.ssi_signo);
    return true;
  }

  void AcceptAll() {
    for (;;) {
      const int client =
          ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (client < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        // Out of descriptors or memory: those that wait go on waiting.
        if (errno != EAGAIN) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return;
      }
      if (!Start(client)) {
        metrics_.RefusedConnection();
        refused_.Add(client);
      }
    }
  }

  bool Start(int client) {
    if (metrics_.connections >= static_cast<std::int64_t>(options_.max_connections)) return false;
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++metrics_.connections;
    try {
      std::thread([this, client] {
        server_.Serve(client, drain_.get());
        const std::lock_guard lock(mutex_);
        --metrics_.connections;
        gone_.notify_all();
      }).detach();
    } catch (const std::system_error&) {
      --metrics_.connections;
      return false;
    }
    return true;
  }

  void WaitForConnections() {
    std::unique_lock lock(mutex_);
    while (!gone_.wait_for(lock, std::chrono::milliseconds(50),
                           [&] { return metrics_.connections == 0; })) {
      if (TakeSignal()) ::_exit(128 + last_signal_);
    }
  }

  ListeningSocket& socket_;
  HttpServer& server_;
  const ListenerOptions options_;
  Metrics& metrics_;
  const Descriptor signals_, drain_;
  RefusedConnections refused_;
  std::mutex mutex_;
  std::condition_variable gone_;
  int last_signal_ = 0;
};

}  // namespace

ListeningSocket::ListeningSocket(const std::string& host, int port) {
  const std::string place = host + " port " + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw ExitError(kExitUsage, place + ": " + ::gai_strerror(error));
  std::string why;
  for (const addrinfo* one = found; one != nullptr && descriptor_ < 0; one = one->ai_next) {
    const int socket = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    if (socket >= 0) ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (socket >= 0 && ::bind(socket, one->ai_addr, one->ai_addrlen) == 0 &&
        ::listen(socket, kBacklog) == 0) {
      descriptor_ = socket;
    } else {
      why = std::generic_category().message(errno);
      if (socket >= 0) ::close(socket);
    }
  }
  ::freeaddrinfo(found);
  if (descriptor_ < 0) throw ExitError(kExitUsage, "cannot listen on " + place + ": " + why);
}

ListeningSocket::~ListeningSocket() { Close(); }

void ListeningSocket::Close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

namespace {

sockaddr_storage AddressOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return address;
}

}  // namespace

int ListeningSocket::port() const {
  const sockaddr_storage address = AddressOf(descriptor_);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool ListeningSocket::is_loopback() const {
  const sockaddr_storage address = AddressOf(descriptor_);
  if (address.ss_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  return address.ss_family == AF_INET && ntohl(v4.sin_addr.s_addr) >> 24 == 127;
}

void ListenUntilSignal(ListeningSocket& socket, HttpServer& server, const ListenerOptions& options,
                       Metrics& metrics) {
  Listener(socket, server, options, metrics).Run();
}

}  // namespace radie::tools::serve
