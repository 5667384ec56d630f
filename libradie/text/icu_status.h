// What ICU says when it has no memory.
#pragma once

#include <unicode/unistr.h>
#include <unicode/utypes.h>

#include <new>

namespace radie {

// Throws std::bad_alloc where that is the reason.
inline void RequireMemory(UErrorCode status) {
  if (status == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
}

// The same for a string that could not grow, which is bogus from then on.
inline void RequireMemory(const icu::UnicodeString& text) {
  if (text.isBogus() != 0) throw std::bad_alloc();
}

}  // namespace radie
