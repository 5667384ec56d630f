#include "tools/resumable_run.h"

#include <string>

#include "tools/exit_codes.h"

namespace radie::tools {

bool ResumableRun::Skips(const ExtractItem& item) {
  digest_.Add(item);
  ++reports_;
  if (reports_ > begun_with_.reports) return false;
  if (reports_ == begun_with_.reports && digest_.hex() != begun_with_.input_digest) {
    throw ExitError(kExitUsage, "the input is not the one that the run was begun with: its first " +
                                    std::to_string(reports_) +
                                    " reports, whose records are written, have changed");
  }
  return true;
}

void ResumableRun::AllWritten(bool some_failed) {
  if (reports_ <= begun_with_.reports || Clock::now() - last_ < interval_) return;
  Checkpoint(some_failed);
}

void ResumableRun::End(bool some_failed) {
  if (reports_ < begun_with_.reports) {
    throw ExitError(kExitUsage, "the input is not the one that the run was begun with: it has " +
                                    std::to_string(reports_) + " reports, and " +
                                    std::to_string(begun_with_.reports) +
                                    " have their records already");
  }
  Checkpoint(some_failed);
}

void ResumableRun::Checkpoint(bool some_failed) {
  RunDone done;
  done.reports = reports_;
  done.some_failed = some_failed || begun_with_.some_failed;
  done.input_digest = digest_.hex();
  file_.Checkpoint(std::move(done));
  last_ = Clock::now();
}

}  // namespace radie::tools
