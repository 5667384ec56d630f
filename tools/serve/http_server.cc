#include "tools/serve/http_server.h"

#include <unistd.h>

#include <ctime>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "radie/version.h"
#include "tools/serve/http_error.h"
#include "tools/serve/pages.h"
#include "tools/serve/routes.h"

namespace radie::tools::serve {
namespace {

// All bodies of requests that have not been answered.
constexpr std::int64_t kAllBodies = std::int64_t{256} << 20;

constexpr char kJsonType[] = "application/json";

void Refuse(httplib::Response& response, Exchange& exchange, const HttpError& error) {
  response.status = error.status();
  exchange.code = error.code();
  if (error.status() == 503) response.set_header("Retry-After", kRetryAfterSeconds);
  response.set_content(ErrorBody(error.code(), error.what()), kJsonType);
}

// Runs a handler; whatever it throws becomes an answer.
template <typename Handler>
void Guarded(httplib::Response& response, Exchange& exchange, Handler handler) {
  try {
    handler();
    return;
  } catch (const HttpError& error) {
    Refuse(response, exchange, error);
  } catch (const std::bad_alloc&) {
    Refuse(response, exchange, HttpError(503, "out_of_memory", "out of memory"));
  } catch (const std::exception&) {
    Refuse(response, exchange, HttpError(500, "internal", "the request failed"));
  }
}

int StatusOf(StreamFailure failure) {
  switch (failure) {
    case StreamFailure::kTimedOut:
      return 408;
    case StreamFailure::kHeadTooLarge:
      return 431;
    case StreamFailure::kBodyTooLarge:
      return 413;
    default:
      return 400;
  }
}

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[sizeof "Thu, 01 Jan 1970 00:00:00 GMT"];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc));
}

void AnswerPage(httplib::Response& response) {
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
                      "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
  response.set_content(std::string(PageHtml()), "text/html; charset=utf-8");
}

}  // namespace

struct HttpServer::Conversation {
  ClientStream& stream;
  std::atomic<std::int64_t>& all_bodies;
  Exchange exchange = {};
  std::int64_t body_bytes = 0;           // its part of all_bodies
  bool understood = false;               // the head could be read
  bool last = false;                     // the client wants the connection closed
  std::optional<ExtractCall> call = {};  // of a request to extract that passed its checks

  ~Conversation() { all_bodies -= body_bytes; }
};

thread_local HttpServer::Conversation* HttpServer::current_ = nullptr;

HttpServer::HttpServer(const HttpOptions& options, const Tokens& tokens, const ExtractParts& parts,
                       Metrics& metrics)
    : options_(options), tokens_(tokens), parts_(parts), metrics_(metrics) {
  // httplib ends streamed answers when it has no listening socket. It is never given one to accept
  // from: this value only says that the server is there.
  svr_sock_ = 0;
  set_payload_max_length(options.max_body);
  Register();
}

void HttpServer::Register() {
  const auto get = [this](const char* path, auto answer) {
    Get(path, [answer](const httplib::Request&, httplib::Response& response) {
      Guarded(response, current_->exchange, [&] { answer(response); });
    });
  };
  get("/", AnswerPage);
  get("/page\\.css", [](httplib::Response& response) {
    response.set_content(std::string(PageStyle()), "text/css; charset=utf-8");
  });
  get("/page\\.js", [](httplib::Response& response) {
    response.set_content(std::string(PageScript()), "text/javascript; charset=utf-8");
  });
  get("/openapi\\.json",
      [](httplib::Response& response) { response.set_content(std::string(OpenApi()), kJsonType); });
  get("/healthz", [](httplib::Response& response) {
    response.set_content("{\"status\":\"ok\"}\n", kJsonType);
  });
  get("/readyz", [this](httplib::Response& response) {
    if (draining_) throw HttpError(503, "draining", "the server is ending");
    response.set_content("{\"status\":\"ready\"}\n", kJsonType);
  });
  get("/metrics", [this](httplib::Response& response) {
    response.set_content(metrics_.Text(Version()), "text/plain; version=0.0.4; charset=utf-8");
  });
  Post("/v1/extract",
       [this](const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader& reader) { Extract(request, response, reader); });
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    return Precheck(request, response);
  });
  set_expect_100_continue_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        return Precheck(request, response) == HandlerResponse::Handled ? response.status : 100;
      });
  set_post_routing_handler(
      [this](const httplib::Request&, httplib::Response& response) { Finish(response); });
  set_error_handler(
      HandlerWithResponse([this](const httplib::Request&, httplib::Response& response) {
        return FillError(response);
      }));
}

httplib::Server::HandlerResponse HttpServer::Precheck(const httplib::Request& request,
                                                      httplib::Response& response) {
  Conversation& now = *current_;
  now.exchange.method = request.method;
  if (const Route* route = FindRoute(request.path)) now.exchange.route = route->path;
  bool passed = false;
  Guarded(response, now.exchange, [&] {
    CheckFraming(request, options_.max_body);
    now.exchange.body_taken = !HasBody(request);
    CheckRoute(request, response, tokens_);
    if (request.method == "POST") now.call = ParseExtractCall(request, parts_.fhir);
    passed = true;
  });
  return passed ? HandlerResponse::Unhandled : HandlerResponse::Handled;
}

std::string HttpServer::ReadBody(const httplib::ContentReader& reader) {
  Conversation& now = *current_;
  std::string body;
  bool too_large = false, too_many = false;
  const bool whole = reader([&](const char* bytes, std::size_t size) {
    now.body_bytes += static_cast<std::int64_t>(size);
    too_many = (body_bytes_ += static_cast<std::int64_t>(size)) > kAllBodies;
    too_large = body.size() + size > options_.max_body;
    if (too_large || too_many) return false;
    body.append(bytes, size);
    return true;
  });
  const StreamFailure failure = now.stream.failure();
  if (too_large || failure == StreamFailure::kBodyTooLarge) {
    throw HttpError(413, "body_too_large",
                    "the body is larger than " + std::to_string(options_.max_body) + " bytes");
  }
  if (too_many) throw HttpError(503, "overloaded", "too much is being sent: come again later");
  if (failure == StreamFailure::kTimedOut)
    throw HttpError(408, "timeout", "the body did not come in time");
  if (!whole || failure != StreamFailure::kNone)
    throw HttpError(400, "bad_request", "the body is cut off or not well-formed");
  now.exchange.body_taken = true;
  return body;
}

void HttpServer::Extract(const httplib::Request& request, httplib::Response& response,
                         const httplib::ContentReader& reader) {
  Conversation& now = *current_;
  Guarded(response, now.exchange, [&] {
    std::string body = ReadBody(reader);
    response.status = 200;
    AnswerExtract(parts_, *now.call, request, std::move(body), response, now.exchange);
  });
}

void HttpServer::RefuseMethod(const Route* route, httplib::Response& response) {
  Exchange& exchange = current_->exchange;
  Guarded(response, exchange, [&] {
    if (route == nullptr) throw HttpError(404, "not_found", "there is nothing at this path");
    exchange.route = route->path;
    response.set_header("Allow", std::string(AllowedOn(*route)));
    throw HttpError(405, "method_not_allowed", "this path does not take such a method");
  });
}

// The body of an error that httplib found by itself.
httplib::Server::HandlerResponse HttpServer::FillError(httplib::Response& response) {
  if (!response.body.empty()) return HandlerResponse::Handled;
  const Conversation& now = *current_;
  const bool failed = now.stream.failure() != StreamFailure::kNone;
  if (failed) response.status = StatusOf(now.stream.failure());
  const std::optional<const Route*> route = FindRouteOfUnknownMethod(now.stream.first_line());
  if (route && !now.understood && !failed) {
    RefuseMethod(*route, response);
  } else {
    response.set_content(ErrorBodyOfStatus(response.status), kJsonType);
  }
  return HandlerResponse::Handled;
}

void HttpServer::Finish(httplib::Response& response) {
  Conversation& now = *current_;
  now.exchange.status = response.status;
  response.headers.erase("Keep-Alive");
  response.headers.erase("Accept-Ranges");
  response.set_header("Date", HttpDate());
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Cache-Control", "no-store");
  const bool readable = now.understood && now.exchange.body_taken;
  if (readable && !now.last && !draining_) return;
  if (!response.has_header("Connection")) response.set_header("Connection", "close");
}

template <typename Stream, typename Setup>
bool HttpServer::ReadAndAnswer(Stream& stream, bool& closed, const Setup& setup) {
  if constexpr (requires { process_request(stream, false, closed, setup); }) {
    return process_request(stream, false, closed, setup);
  } else {
    return process_request(stream, "", 0, "", 0, false, closed, setup);
  }
}

bool HttpServer::ServeOne(ClientStream& stream, const std::string& client) {
  Conversation now{stream, body_bytes_};
  now.exchange.client = client;
  current_ = &now;
  const Clock::time_point start = Clock::now();
  stream.BeginHead();
  bool closed = false, whole = false;
  try {
    whole = ReadAndAnswer(stream, closed, [&](httplib::Request& request) {
      stream.BeginBody(request.has_header("Transfer-Encoding"));
      now.understood = true;
      now.last = AsksToClose(request);  // httplib knows `close` only when it stands alone
      request.ranges.clear();
      request.headers.erase("Accept-Encoding");  // what is said of a patient is not compressed
    });
  } catch (const std::exception&) {
    // An answer that had begun cannot become an error: the client sees that its end is missing.
  }
  current_ = nullptr;
  Exchange& exchange = now.exchange;
  if (stream.bytes_written() == 0 && stream.failure() != StreamFailure::kNone &&
      stream.failure() != StreamFailure::kClosed) {
    exchange.status = StatusOf(stream.failure());
    const std::string error = RawError(exchange.status);
    stream.write(error.data(), error.size());
  } else if (stream.bytes_read() == 0) {
    return false;  // it said nothing
  }
  exchange.cut_short = !whole && exchange.status == 200;
  exchange.bytes_in = stream.bytes_read();
  exchange.bytes_out = stream.bytes_written();
  exchange.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  metrics_.Request(exchange.route, exchange.status, exchange.seconds);
  LogRequest(exchange);
  return whole && !closed && now.understood && !now.last && exchange.body_taken && !draining_ &&
         stream.failure() == StreamFailure::kNone;
}

void HttpServer::Serve(int socket, int drain) {
  StreamLimits limits = options_.stream;
  limits.body_bytes = options_.max_body + options_.max_body / 4 + (std::size_t{64} << 10);
  try {
    ClientStream stream(socket, drain, limits);
    std::string client;
    int port = 0;
    stream.get_remote_ip_and_port(client, port);
    bool asked = false;
    while (stream.WaitForRequest()) {
      asked = true;
      if (!ServeOne(stream, client)) break;
    }
    if (asked) stream.Linger();
  } catch (const std::exception&) {
    // Out of memory for this connection: it ends, the others go on.
  }
  ::close(socket);
}

std::string RawError(int status) {
  const std::string body = ErrorBodyOfStatus(status);
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " " +
                       (status == 503   ? "Service Unavailable"
                        : status == 408 ? "Request Timeout"
                        : status == 431 ? "Request Header Fields Too Large"
                                        : "Bad Request") +
                       "\r\nContent-Type: application/json\r\nConnection: close\r\n";
  if (status == 503) answer += std::string("Retry-After: ") + kRetryAfterSeconds + "\r\n";
  return answer + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace radie::tools::serve
