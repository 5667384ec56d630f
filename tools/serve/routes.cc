#include "tools/serve/routes.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "tools/serve/field_lines.h"
#include "tools/serve/http_error.h"

namespace radie::tools::serve {
namespace {

[[noreturn]] void Malformed(const std::string& message) {
  throw HttpError(400, "bad_request", message);
}

}  // namespace

const Route* FindRoute(std::string_view path) {
  const auto* found = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                   [&](const Route& route) { return route.path == path; });
  return found == std::end(kRoutes) ? nullptr : found;
}

bool HasBody(const httplib::Request& request) {
  return request.has_header("Transfer-Encoding") ||
         (request.has_header("Content-Length") &&
          request.get_header_value("Content-Length") != "0");
}

bool AsksToClose(const httplib::Request& request) {
  const auto [begin, end] = request.headers.equal_range("Connection");
  return std::any_of(begin, end, [](const auto& field) { return ListHas(field.second, "close"); });
}

// httplib takes the first of two lengths and prefers chunks to a length; whoever stands in front of
// this server may do otherwise.
void CheckFraming(const httplib::Request& request, std::size_t max_body) {
  const std::size_t lengths = request.get_header_value_count("Content-Length");
  const std::size_t codings = request.get_header_value_count("Transfer-Encoding");
  if (lengths + codings > 1) Malformed("the header tells the body's length twice");
  if (codings == 1) {
    std::string coding = request.get_header_value("Transfer-Encoding");
    std::transform(coding.begin(), coding.end(), coding.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (coding != "chunked")
      throw HttpError(501, "not_implemented", "Transfer-Encoding: only chunked is known");
    return;
  }
  if (lengths == 0) return;
  const std::string length = request.get_header_value("Content-Length");
  const bool digits = !length.empty() && std::all_of(length.begin(), length.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (!digits) Malformed("Content-Length: must be a number");
  if (length.size() > 18 || std::stoull(length) > max_body) {
    throw HttpError(413, "body_too_large",
                    "the body is larger than " + std::to_string(max_body) + " bytes");
  }
}

std::string_view AllowedOn(const Route& route) {
  return route.method == "GET" ? "GET, HEAD" : "POST";
}

std::optional<const Route*> FindRouteOfUnknownMethod(std::string_view line) {
  constexpr std::string_view kKnown[] = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                         "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"};
  constexpr std::size_t kMaxMethod = 32;
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', std::min(first, line.size() - 1) + 1);
  if (line.empty() || first == std::string_view::npos || second == std::string_view::npos)
    return std::nullopt;
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(second + 1);
  const bool known = std::find(std::begin(kKnown), std::end(kKnown), method) != std::end(kKnown);
  if (known || method.size() > kMaxMethod || !IsFieldName(method) ||
      (version != "HTTP/1.1" && version != "HTTP/1.0")) {
    return std::nullopt;
  }
  const std::string_view target = line.substr(first + 1, second - first - 1);
  return FindRoute(target.substr(0, target.find('?')));
}

void CheckRoute(const httplib::Request& request, httplib::Response& response,
                const Tokens& tokens) {
  const Route* route = FindRoute(request.path);
  if (route == nullptr) throw HttpError(404, "not_found", "there is nothing at this path");
  const bool get = route->method == "GET";
  if (request.method != route->method && !(get && request.method == "HEAD")) {
    response.set_header("Allow", std::string(AllowedOn(*route)));
    throw HttpError(405, "method_not_allowed",
                    get ? "this path takes GET and HEAD" : "this path takes POST");
  }
  if (route->guarded && !tokens.Allow(request.get_header_value("Authorization"))) {
    response.set_header("WWW-Authenticate", "Bearer realm=\"radie\"");
    throw HttpError(401, "unauthorized", "a valid bearer token is needed");
  }
  if (!get && !HasBody(request) && !request.has_header("Content-Length"))
    throw HttpError(411, "length_required", "Content-Length is missing");
}

}  // namespace radie::tools::serve
