#include "tools/serve/http_error.h"

#include <nlohmann/json.hpp>

namespace radie::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

std::string Body(Json error) {
  Json body = {{"error", std::move(error)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string ErrorBody(std::string_view code, std::string_view message) {
  return Body({{"code", code}, {"message", message}});
}

std::string ErrorBody(const Error& error) {
  Json told = {{"code", ErrorCodeName(error.code())}, {"message", error.what()}};
  if (error.offset()) told["offset"] = *error.offset();
  return Body(std::move(told));
}

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidText:
    case ErrorCode::kInvalidInput:
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kLimitExceeded:
      return 413;
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kCancelled:
      return 503;
    default:
      return 500;
  }
}

std::string ErrorBodyOfStatus(int status) {
  switch (status) {
    case 400:
      return ErrorBody("bad_request", "the request is not well-formed HTTP/1.1");
    case 408:
      return ErrorBody("timeout", "the request did not come in time");
    case 413:
      return ErrorBody("body_too_large", "the body is larger than this server takes");
    case 414:
      return ErrorBody("uri_too_long", "the request's target is too long");
    case 416:
      return ErrorBody("bad_request", "ranges are not served");
    case 431:
      return ErrorBody("header_too_large", "the request's header is too large");
    case 503:
      return ErrorBody("overloaded", "the server is busy: come again later");
    default:
      return ErrorBody(status < 500 ? "bad_request" : "internal", "the request failed");
  }
}

}  // namespace radie::tools::serve
