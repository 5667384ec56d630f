// What a call is refused with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "radie/error.h"

namespace radie {

// Of the Error that a call throws; code kInternal and an empty message where it throws none.
struct Refusal {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::optional<std::size_t> offset;
};

template <typename Call>
Refusal RefusalOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.what(), error.offset()};
  }
  return {};
}

}  // namespace radie
