// The listening socket, its connections, and how they end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "tools/serve/http_server.h"
#include "tools/serve/metrics.h"

namespace radie::tools::serve {

// A TCP socket that listens. Closed when it goes.
class ListeningSocket {
 public:
  // `port` 0: any free one. Throws ExitError(kExitUsage) when the address is none, or cannot be
  // had.
  ListeningSocket(const std::string& host, int port);
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int descriptor() const { return descriptor_; }
  int port() const;          // in use
  bool is_loopback() const;  // can only this machine reach it?
  void Close();

 private:
  int descriptor_ = -1;
};

struct ListenerOptions {
  std::size_t max_connections = 256;
  int drain_delay_seconds = 0;
};

// Accepts connections, each in a thread of its own, until SIGTERM or SIGINT; then accepts what had
// already been connected, waits for every request that had begun, and returns. A second signal ends
// the process at once. Both signals must be blocked in all threads (SignalsToMainThread).
void ListenUntilSignal(ListeningSocket& socket, HttpServer& server, const ListenerOptions& options,
                       Metrics& metrics);

}  // namespace radie::tools::serve
