// Which sanitizers this is compiled with. GCC has a macro for each, Clang a feature.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define RADIE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#define RADIE_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define RADIE_ADDRESS_SANITIZER 0
#endif

#if defined(__SANITIZE_THREAD__)
#define RADIE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#define RADIE_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define RADIE_THREAD_SANITIZER 0
#endif

namespace radie {

inline constexpr bool kAddressSanitizer = RADIE_ADDRESS_SANITIZER;
inline constexpr bool kThreadSanitizer = RADIE_THREAD_SANITIZER;

}  // namespace radie
