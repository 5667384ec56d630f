// Which sanitizers this is compiled with.
#pragma once

namespace radie {

#if defined(__SANITIZE_ADDRESS__)  // GCC's name
inline constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace radie
