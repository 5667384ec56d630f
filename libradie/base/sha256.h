// SHA-256 (FIPS 180-4), for names and checks of content; not tuned for speed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace radie {

// Of bytes that come in pieces. A copy goes on by itself.
class Sha256Hasher {
 public:
  void Add(std::string_view bytes);

  std::array<std::uint8_t, 32> Finish() const;  // of all that was added

 private:
  // The first 32 bits of the fractional parts of the square roots of the first 8 primes.
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_ = {};  // its first size_ % 64 bytes are yet to be mixed in
  std::uint64_t size_ = 0;
};

std::array<std::uint8_t, 32> Sha256(std::string_view bytes);

// Lower-case hexadecimal digits.
std::string HexOf(const std::uint8_t* bytes, std::size_t size);

}  // namespace radie
