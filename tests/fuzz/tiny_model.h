// The small model that targets read reports with: both stages, some kilobytes, random weights.
#pragma once

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

}  // namespace radie::fuzz
