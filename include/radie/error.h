// The exception type of the library. (Only std::bad_alloc passes as well, from any call that is not
// noexcept.)
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "radie/export.h"

namespace radie {

enum class ErrorCode {
  kInvalidArgument,   // a call's argument or option is out of its documented range
  kIo,                // a file cannot be opened or read
  kInvalidModel,      // a model file is damaged or contradicts itself
  kUnsupportedModel,  // a well-formed model needs something this version does not have
  kInvalidText,       // a report is not valid in its encoding
  kInvalidInput,      // a record around a report is malformed (JSON, annotations)
  kLimitExceeded,     // a documented cap (see options.h) was exceeded
  kOutOfMemory,
  kCancelled,  // the caller asked a running call to stop (RunControl.cancel)
  kInternal,   // an invariant of radie's own was broken: please report it
};

// Stable lower-case name as written in JSON records: "invalid_text", "limit_exceeded", …
RADIE_API std::string_view ErrorCodeName(ErrorCode code);

// Thrown for what the caller can fix; inside a batch it is carried as one report's outcome instead.
// The message names the field or tensor and the numbers involved. It never holds any of the
// report's text.
class RADIE_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message,
        std::optional<std::size_t> offset = std::nullopt)
      : std::runtime_error(message), code_(code), offset_(offset) {}

  ErrorCode code() const noexcept { return code_; }

  // Byte offset into the input (report, model file or record) where the trouble begins, where there
  // is one.
  std::optional<std::size_t> offset() const noexcept { return offset_; }

 private:
  ErrorCode code_;
  std::optional<std::size_t> offset_;
};

}  // namespace radie
