// A fuzz target is one function over bytes. Its file is compiled twice: into a libFuzzer program of
// its own (option RADIE_FUZZ), and into the test program that replays the committed corpora.
// Targets check with GoogleTest's macros; in a libFuzzer program a failed check throws, which ends
// the run as a crash.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/base/utf8_sequence.h"

namespace radie::fuzz {

// What the replay knows of a target.
struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};

inline std::vector<Target>& Targets() {
  static std::vector<Target> targets;
  return targets;
}

inline bool Register(const char* name, void (*run)(std::string_view)) {
  Targets().push_back({name, run});
  return true;
}

// Reads an input from its front. Past the end everything is 0, so that every input is a case.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  bool Flag() { return Byte() % 2 != 0; }

  // 0 … most.
  std::size_t UpTo(std::size_t most) {
    std::size_t value = Byte();
    if (most > 0xFF) value = value << 8 | Byte();
    return value % (most + 1);
  }

  // At most `most` bytes, a byte telling how many.
  std::string_view Take(std::size_t most) {
    const std::string_view taken = rest_.substr(0, UpTo(most));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view Rest() {
    const std::string_view rest = rest_;
    rest_ = {};
    return rest;
  }

 private:
  std::string_view rest_;
};

// At most the first `most` bytes with every broken sequence of UTF-8 made a U+FFFD.
inline std::string WellFormed(std::string_view bytes, std::size_t most) {
  bytes = bytes.substr(0, most);
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Sequence sequence = Utf8SequenceAt(bytes, at);
    const std::size_t taken = sequence.well_formed ? sequence.bytes : 1;
    text += sequence.well_formed ? bytes.substr(at, taken) : "\xEF\xBF\xBD";
    at += taken;
  }
  return text;
}

// Stands in corpora and dictionaries for what no error message may tell.
inline constexpr std::string_view kSecret = "S3cr3t";

inline void ExpectNoSecret(std::string_view message) {
  EXPECT_EQ(message.find(kSecret), message.npos) << message;
}

}  // namespace radie::fuzz

// Begins the target's function, in namespace radie::fuzz: RADIE_FUZZ_TARGET(name) { … bytes … }
#if defined(RADIE_FUZZING)
#define RADIE_FUZZ_TARGET(name)                                                       \
  static void Fuzz_##name(std::string_view bytes);                                    \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    Fuzz_##name({reinterpret_cast<const char*>(data), size});                         \
    return 0;                                                                         \
  }                                                                                   \
  static void Fuzz_##name(std::string_view bytes)
#else
#define RADIE_FUZZ_TARGET(name)                                                        \
  static void Fuzz_##name(std::string_view bytes);                                     \
  [[maybe_unused]] static const bool registered_##name = Register(#name, Fuzz_##name); \
  static void Fuzz_##name(std::string_view bytes)
#endif
