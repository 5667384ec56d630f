#include "tools/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "tools/output.h"

namespace radie::tools {
namespace {

constexpr std::chrono::milliseconds kBetween(200);

std::string Duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 1e9));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%u:%02u:%02u", unsigned(whole / 3600),
                  unsigned(whole / 60 % 60), unsigned(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%u:%02u", unsigned(whole / 60), unsigned(whole % 60));
  }
  return text;
}

}  // namespace

bool Progress::Wanted() { return IsTerminal(STDERR_FILENO) && !IsTerminal(STDOUT_FILENO); }

Progress::Progress(bool shown, std::uint64_t total_bytes)
    : shown_(shown), total_bytes_(total_bytes), start_(Clock::now()), last_(start_ - kBetween) {}

Progress::~Progress() {
  if (drawn_) WriteToStandardError(kClearLine);
}

void Progress::Show(std::uint64_t reports, std::uint64_t bytes) {
  const Clock::time_point now = Clock::now();
  if (!shown_ || now - last_ < kBetween) return;
  last_ = now;
  drawn_ = true;
  const double elapsed = std::max(std::chrono::duration<double>(now - start_).count(), 1e-3);
  char rate[64];
  std::snprintf(rate, sizeof rate, "%llu reports, %.1f/s", static_cast<unsigned long long>(reports),
                double(reports) / elapsed);
  std::string line = std::string(kClearLine) + rate;
  if (total_bytes_ > 0 && bytes > 0) {
    const double rest = total_bytes_ > bytes ? double(total_bytes_ - bytes) : 0;
    line += ", " + Duration(elapsed * rest / double(bytes)) + " left";
  }
  WriteToStandardError(line);
}

}  // namespace radie::tools
