// Refusals: a status, and a JSON body that names the trouble and never the report.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "radie/error.h"

namespace radie::tools::serve {

// Ends a request. `code` is a stable lower-case name, the message is for people.
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, std::string_view code, const std::string& message)
      : std::runtime_error(message), status_(status), code_(code) {}

  int status() const { return status_; }
  const std::string& code() const { return code_; }

 private:
  int status_;
  std::string code_;
};

// {"error":{"code","message","offset"?}}
std::string ErrorBody(std::string_view code, std::string_view message);
std::string ErrorBody(const Error& error);

// The status of a request whose only report failed so.
int StatusOf(ErrorCode code);

// Code and message of a status that httplib gave by itself.
std::string ErrorBodyOfStatus(int status);

// Says in whole seconds when to come again; for 503.
inline constexpr char kRetryAfterSeconds[] = "1";

}  // namespace radie::tools::serve
