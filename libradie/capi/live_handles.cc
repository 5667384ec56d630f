#include "libradie/capi/live_handles.h"

#ifndef NDEBUG
#include <mutex>
#include <unordered_set>

namespace radie::capi {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_set<const void*> alive;
};

// Never destroyed: handles may be freed while the process ends.
Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

}  // namespace

void Born(const void* handle) {
  const std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().alive.insert(handle);
}

void Dies(const void* handle) noexcept {
  const std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().alive.erase(handle);
}

bool IsAlive(const void* handle) noexcept {
  const std::lock_guard lock(TheRegistry().mutex);
  return TheRegistry().alive.contains(handle);
}

}  // namespace radie::capi
#endif
