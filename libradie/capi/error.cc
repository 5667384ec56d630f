#include <exception>
#include <new>
#include <string>

#include "libradie/capi/guard.h"
#include "radie/version.h"

namespace radie::capi {
namespace {

struct StatusOfCode {
  ErrorCode code;
  radie_status status;
};
constexpr StatusOfCode kStatuses[] = {{ErrorCode::kInvalidArgument, RADIE_ERROR_INVALID_ARGUMENT},
                                      {ErrorCode::kIo, RADIE_ERROR_IO},
                                      {ErrorCode::kInvalidModel, RADIE_ERROR_INVALID_MODEL},
                                      {ErrorCode::kUnsupportedModel, RADIE_ERROR_UNSUPPORTED_MODEL},
                                      {ErrorCode::kInvalidText, RADIE_ERROR_INVALID_TEXT},
                                      {ErrorCode::kInvalidInput, RADIE_ERROR_INVALID_INPUT},
                                      {ErrorCode::kLimitExceeded, RADIE_ERROR_LIMIT_EXCEEDED},
                                      {ErrorCode::kOutOfMemory, RADIE_ERROR_OUT_OF_MEMORY},
                                      {ErrorCode::kCancelled, RADIE_ERROR_CANCELLED},
                                      {ErrorCode::kInternal, RADIE_ERROR_INTERNAL}};

// What is handed out when there is no memory for an error. Its message fits into the string itself.
radie_error& NoMemory() noexcept {
  static radie_error error{RADIE_ERROR_OUT_OF_MEMORY, "out of memory", {}};
  return error;
}

radie_status Tell(radie_error** error, radie_status code, const char* message,
                  std::optional<std::size_t> offset = std::nullopt) noexcept {
  if (error == nullptr) return code;
  try {
    auto made = std::make_unique<radie_error>(radie_error{code, message, offset});
    Born(made.get());
    *error = made.release();
  } catch (const std::bad_alloc&) {
    *error = &NoMemory();
    return RADIE_ERROR_OUT_OF_MEMORY;
  }
  return code;
}

}  // namespace

radie_status StatusOf(ErrorCode code) noexcept {
  for (const auto& [known, status] : kStatuses) {
    if (known == code) return status;
  }
  return RADIE_ERROR_INTERNAL;
}

radie_status Report(radie_error** error) noexcept {
  try {
    throw;
  } catch (const Error& caught) {
    return Tell(error, StatusOf(caught.code()), caught.what(), caught.offset());
  } catch (const std::bad_alloc&) {
    return Tell(error, RADIE_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& caught) {
    return Tell(error, RADIE_ERROR_INTERNAL, caught.what());
  } catch (...) {
    return Tell(error, RADIE_ERROR_INTERNAL, "unknown exception");
  }
}

}  // namespace radie::capi

const char* radie_version(void) { return radie::Version(); }

const char* radie_status_name(radie_status status) {
  if (status == RADIE_OK) return "ok";
  for (const auto& [code, known] : radie::capi::kStatuses) {
    if (known == status) return radie::ErrorCodeName(code).data();  // a literal: it ends with NUL
  }
  return "internal";
}

const char* radie_error_message(const radie_error* error) {
  return error == nullptr ? "" : error->message.c_str();
}

int radie_error_code(const radie_error* error) { return error == nullptr ? RADIE_OK : error->code; }

int radie_error_offset(const radie_error* error, size_t* offset) {
  if (error == nullptr || !error->offset) return 0;
  if (offset != nullptr) *offset = *error->offset;
  return 1;
}

void radie_error_free(radie_error* error) {
  if (error != &radie::capi::NoMemory()) radie::capi::Free(error);
}

const char* radie_string_data(const radie_string* string) {
  return string == nullptr ? "" : string->value.c_str();
}

size_t radie_string_size(const radie_string* string) {
  return string == nullptr ? 0 : string->value.size();
}

void radie_string_free(radie_string* string) { radie::capi::Free(string); }
