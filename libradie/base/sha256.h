// SHA-256 (FIPS 180-4), for names and checks of content; not tuned for speed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace radie {

std::array<std::uint8_t, 32> Sha256(std::string_view bytes);

// Lower-case hexadecimal digits.
std::string HexOf(const std::uint8_t* bytes, std::size_t size);

}  // namespace radie
