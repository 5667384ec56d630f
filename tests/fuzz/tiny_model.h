// The small model that targets read reports with: both stages, some kilobytes, random weights.
#pragma once

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>

namespace radie::fuzz {

inline const std::string& TinyModelBytes() {
  static const std::string bytes = [] {
    std::ifstream file(RADIE_SOURCE_DIR "/tests/fuzz/tiny.radie", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  return bytes;
}

// The same tensors, with stage 2 reading them in another layout than `pair`.
inline std::string TinyModelWithLayout(const std::string& layout) {
  constexpr std::size_t kLengthBytes = 8;
  std::string bytes = TinyModelBytes();
  const std::string pair = R"(\"layout\":\"pair\")";
  bytes.replace(bytes.find(pair), pair.size(), R"(\"layout\":\")" + layout + R"(\")");
  std::size_t header = bytes.size() - TinyModelBytes().size();  // what it grew by, then its length
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    header += std::size_t{static_cast<unsigned char>(TinyModelBytes()[i])} << 8 * i;
  }
  for (std::size_t i = 0; i < kLengthBytes; ++i) bytes[i] = static_cast<char>(header >> 8 * i);
  return bytes;
}

}  // namespace radie::fuzz
