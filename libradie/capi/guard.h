// The border: exceptions become statuses and error handles, results are published as a whole.
#pragma once

#include <memory>
#include <new>
#include <utility>

#include "libradie/capi/handles.h"
#include "libradie/capi/live_handles.h"
#include "radie/error.h"

namespace radie::capi {

radie_status StatusOf(ErrorCode code) noexcept;

[[noreturn]] inline void Refuse(const char* what) {
  throw Error(ErrorCode::kInvalidArgument, what);
}

// Sets *error, when there is one to set, to what is being thrown; returns its status. To be called
// in a catch block. When there is no memory for the error, it is an object that freeing leaves
// alone.
radie_status Report(radie_error** error) noexcept;

// Frees a handle that Publish() gave out; in debug builds one that is not alive is left alone.
template <typename Handle>
void Free(Handle* handle) noexcept {
  if (handle == nullptr || !IsAlive(handle)) return;
  Dies(handle);
  delete handle;
}

// The handle, checked: not NULL and, in debug builds, alive.
template <typename Handle>
const Handle& Required(const Handle* handle, const char* what) {
  if (handle == nullptr || !IsAlive(handle)) Refuse(what);
  return *handle;
}

// Runs make(), which returns a new handle's unique_ptr, and hands it out in *result.
template <typename Handle, typename Make>
radie_status Publish(Handle** result, radie_error** error, const Make& make) noexcept {
  if (error != nullptr) *error = nullptr;
  if (result != nullptr) *result = nullptr;
  try {
    if (result == nullptr) Refuse("the pointer that takes the result is NULL");
    std::unique_ptr<Handle> made = make();
    Born(made.get());
    *result = made.release();
    return RADIE_OK;
  } catch (...) {
    return Report(error);
  }
}

}  // namespace radie::capi
