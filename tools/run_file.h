// The output file of a run that can be resumed.
#pragma once

#include <chrono>
#include <string>

#include "tools/output.h"
#include "tools/run_manifest.h"

namespace radie::tools {

// At every moment the file begins with the lines that its manifest tells of, whole and on the disk;
// what follows them is not trusted and is taken away when the run is resumed. One process at a time
// has it.
class RunFile {
 public:
  // Begins the file; with `resume` goes on with one that is there. Throws ExitError: kExitUsage for
  // a file that is not empty (without `resume`), is no regular one, has no manifest, or one of
  // other settings or other content; kExitSomeFailed when it cannot be written or another process
  // has it.
  RunFile(const std::string& path, bool resume, RunSettings settings);
  ~RunFile();
  RunFile(const RunFile&) = delete;
  RunFile& operator=(const RunFile&) = delete;

  Output& output() { return output_; }

  // What the last checkpoint holds.
  const RunDone& done() const { return manifest_.done; }

  // Everything written so far, `done.reports` lines in all, is made to last; done.output_bytes is
  // filled in. Throws ExitError(kExitSomeFailed).
  void Checkpoint(RunDone done);

 private:
  void Lock() const;
  void Resume(const RunManifest& found);
  bool HoldsWhatIsDone() const;

  const std::string path_;
  const int descriptor_;
  Output output_;
  RunManifest manifest_;
};

}  // namespace radie::tools
