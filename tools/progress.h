// Reports done, rate and time left, on one line of standard error.
#pragma once

#include <chrono>
#include <cstdint>

namespace radie::tools {

// Shows itself only when standard error is a terminal and standard output is not: there the output
// itself is progress.
class Progress {
 public:
  static bool Wanted();

  // total_bytes: of all input, 0 when unknown.
  Progress(bool shown, std::uint64_t total_bytes);
  ~Progress();  // takes its line away
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `bytes` of input are behind us.
  void Show(std::uint64_t reports, std::uint64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  std::uint64_t total_bytes_;
  Clock::time_point start_, last_;
};

}  // namespace radie::tools
