// The paths the server has, and what must hold of a request before its body is read.
#pragma once

#include <httplib.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "tools/serve/auth.h"

namespace radie::tools::serve {

struct Route {
  std::string_view path;
  std::string_view method;  // GET (with HEAD), or POST
  bool guarded;             // by a token, where tokens are required
};

inline constexpr Route kRoutes[] = {{"/", "GET", false},        {"/page.css", "GET", false},
                                    {"/page.js", "GET", false}, {"/openapi.json", "GET", false},
                                    {"/healthz", "GET", false}, {"/readyz", "GET", false},
                                    {"/metrics", "GET", true},  {"/v1/extract", "POST", true}};

// Null for a path that the server does not have.
const Route* FindRoute(std::string_view path);

// Does the request say that a body follows?
bool HasBody(const httplib::Request& request);

// Does the request say that it is the connection's last?
bool AsksToClose(const httplib::Request& request);

// The value of the header Allow.
std::string_view AllowedOn(const Route& route);

// The route (null: none) that a request line names which is well-formed, but of a method that
// httplib does not know; nothing for any other line.
std::optional<const Route*> FindRouteOfUnknownMethod(std::string_view line);

// Throws HttpError, 400, 413 or 501, where it is not certain where the body ends, or it is too
// long. What follows on the connection is then no request.
void CheckFraming(const httplib::Request& request, std::size_t max_body);

// Throws HttpError: 404, 405 (with the header Allow), 401 (with WWW-Authenticate), 411.
void CheckRoute(const httplib::Request& request, httplib::Response& response, const Tokens& tokens);

}  // namespace radie::tools::serve
