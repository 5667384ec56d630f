#include <exception>
#include <new>
#include <string>

#include "libradie/capi/guard.h"
#include "radie/version.h"

namespace radie::capi {
namespace {

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
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return RADIE_ERROR_INVALID_ARGUMENT;
    case ErrorCode::kIo:
      return RADIE_ERROR_IO;
    case ErrorCode::kInvalidModel:
      return RADIE_ERROR_INVALID_MODEL;
    case ErrorCode::kUnsupportedModel:
      return RADIE_ERROR_UNSUPPORTED_MODEL;
    case ErrorCode::kInvalidText:
      return RADIE_ERROR_INVALID_TEXT;
    case ErrorCode::kInvalidInput:
      return RADIE_ERROR_INVALID_INPUT;
    case ErrorCode::kLimitExceeded:
      return RADIE_ERROR_LIMIT_EXCEEDED;
    case ErrorCode::kOutOfMemory:
      return RADIE_ERROR_OUT_OF_MEMORY;
    case ErrorCode::kCancelled:
      return RADIE_ERROR_CANCELLED;
    case ErrorCode::kInternal:
      return RADIE_ERROR_INTERNAL;
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
  switch (status) {
    case RADIE_OK:
      return "ok";
    case RADIE_ERROR_INVALID_ARGUMENT:
      return "invalid_argument";
    case RADIE_ERROR_IO:
      return "io";
    case RADIE_ERROR_INVALID_MODEL:
      return "invalid_model";
    case RADIE_ERROR_UNSUPPORTED_MODEL:
      return "unsupported_model";
    case RADIE_ERROR_INVALID_TEXT:
      return "invalid_text";
    case RADIE_ERROR_INVALID_INPUT:
      return "invalid_input";
    case RADIE_ERROR_LIMIT_EXCEEDED:
      return "limit_exceeded";
    case RADIE_ERROR_OUT_OF_MEMORY:
      return "out_of_memory";
    case RADIE_ERROR_CANCELLED:
      return "cancelled";
    case RADIE_ERROR_INTERNAL:
      break;
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
