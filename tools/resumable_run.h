// Which reports of the input a resumed run has behind it, and when it is time for a checkpoint.
#pragma once

#include <chrono>
#include <cstdint>

#include "tools/extract_item.h"
#include "tools/item_digest.h"
#include "tools/run_file.h"

namespace radie::tools {

class ResumableRun {
 public:
  // The file must outlive this. A checkpoint comes `interval` after the last one, or later.
  ResumableRun(RunFile& file, std::chrono::duration<double> interval)
      : file_(file), interval_(interval), begun_with_(file.done()) {}

  // Notes the next report; true when its record is in the file already. Throws
  // ExitError(kExitUsage) when the reports in the file are not those that were read.
  bool Skips(const ExtractItem& item);

  // The records of all reports that were noted are written.
  void AllWritten(bool some_failed);

  // The input has ended, with everything written. Throws as Skips() when it ended too early.
  void End(bool some_failed);

  bool some_failed_before() const { return begun_with_.some_failed; }

 private:
  using Clock = std::chrono::steady_clock;

  void Checkpoint(bool some_failed);

  RunFile& file_;
  const std::chrono::duration<double> interval_;
  const RunDone begun_with_;
  ItemDigest digest_;
  std::uint64_t reports_ = 0;
  Clock::time_point last_ = Clock::now();
};

}  // namespace radie::tools
