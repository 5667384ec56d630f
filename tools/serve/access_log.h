// One JSON line a request on standard error; nothing of a report, an id or a query is in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace radie::tools::serve {

// What is known of a request when it has been answered.
struct Exchange {
  std::string client;           // address
  std::string method = "-";     // "-" where it could not be read
  std::string route = "other";  // one of the server's own paths
  int status = 0;               // 0: the client went before there was an answer
  std::string code;             // of the error that was answered
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::size_t reports = 0, failed = 0;
  std::uint64_t tokens = 0;
  double seconds = 0, queue_seconds = 0;

  bool body_taken = false;  // or there is none: what follows is the next request
  bool cut_short = false;   // the answer could not be ended
};

// Each writes one line in one go, so that lines of several threads do not mix.
void LogRequest(const Exchange& exchange);
void LogListening(const std::string& address, int port, const std::string& model);
void LogEvent(const char* event);  // "draining", "stopped"

}  // namespace radie::tools::serve
