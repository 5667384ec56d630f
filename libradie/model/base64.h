// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace radie {

// The bytes, or nothing for what is not base64 with its padding and nothing else.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace radie
