// HTTP/1.1 on connections that somebody else accepts: httplib's reading and writing of messages,
// with this server's routes, limits and errors.
#pragma once

#include <httplib.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tools/serve/access_log.h"
#include "tools/serve/auth.h"
#include "tools/serve/client_stream.h"
#include "tools/serve/extract_route.h"
#include "tools/serve/metrics.h"
#include "tools/serve/routes.h"

namespace radie::tools::serve {

struct HttpOptions {
  StreamLimits stream;
  std::size_t max_body = std::size_t{4} << 20;
};

class HttpServer : private httplib::Server {
 public:
  // All must outlive this.
  HttpServer(const HttpOptions& options, const Tokens& tokens, const ExtractParts& parts,
             Metrics& metrics);

  // Answers the requests of one connection, one after the other, until it ends; then closes it.
  // Called in a thread of the connection's own. `drain` as of ClientStream.
  void Serve(int socket, int drain);

  // From now on /readyz says 503, and connections are told to close.
  void Drain() { draining_ = true; }

 private:
  struct Conversation;  // what handlers must know of the request at hand

  bool ServeOne(ClientStream& stream, const std::string& client);  // false: close
  // One request by httplib, of which 0.18 wants to be told the addresses (nothing here asks for
  // them) and 0.11 does not. False: the answer was not written whole.
  template <typename Stream, typename Setup>
  bool ReadAndAnswer(Stream& stream, bool& closed, const Setup& setup);
  void Register();
  void Extract(const httplib::Request& request, httplib::Response& response,
               const httplib::ContentReader& reader);
  std::string ReadBody(const httplib::ContentReader& reader);
  HandlerResponse Precheck(const httplib::Request& request, httplib::Response& response);
  void Finish(httplib::Response& response);
  void RefuseMethod(const Route* route, httplib::Response& response);
  HandlerResponse FillError(httplib::Response& response);

  // httplib has no place for a request's own data, but stays on the connection's thread.
  static thread_local Conversation* current_;

  const HttpOptions options_;
  const Tokens& tokens_;
  const ExtractParts& parts_;
  Metrics& metrics_;
  std::atomic<bool> draining_{false};
  std::atomic<std::int64_t> body_bytes_{0};  // of all requests at hand
};

// A whole answer with an error, for a client that got none from httplib.
std::string RawError(int status);

}  // namespace radie::tools::serve
