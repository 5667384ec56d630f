// Debug builds know which handles are alive, so that a handle that was freed, or never was one, is
// an error and not a crash. Release builds trust the caller.
#pragma once

namespace radie::capi {

#ifdef NDEBUG
inline void Born(const void*) {}
inline void Dies(const void*) {}
inline bool IsAlive(const void*) { return true; }
#else
void Born(const void* handle);  // may throw std::bad_alloc
void Dies(const void* handle) noexcept;
bool IsAlive(const void* handle) noexcept;
#endif

}  // namespace radie::capi
