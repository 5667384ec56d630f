// The reports of all input files, one after the other, on their way to the output.
#pragma once

#include <cstdint>

#include "tools/extract_batch.h"
#include "tools/extract_command.h"
#include "tools/open_file.h"
#include "tools/progress.h"
#include "tools/resumable_run.h"

namespace radie::tools {

class ExtractRun {
 public:
  // All must outlive this. `resumable`: of a run into a file; null: none.
  ExtractRun(const ExtractCommand& command, BatchExtractor& batch, ResumableRun* resumable,
             Progress& progress)
      : command_(command), batch_(batch), resumable_(resumable), progress_(progress) {}

  // The exit code. A file that cannot be read is told on standard error and the others go on.
  int Run();

 private:
  bool RelationsOnly() const { return command_.stages == Request::Stages::kRelationsOnly; }
  bool SomeFailed() const;

  void ReadFile(const InputFile& input);
  void ReadText(const InputFile& input, OpenFile& file);
  void ReadMessages(const InputFile& input, OpenFile& file);
  void ReadLines(OpenFile& file);

  // Counts the next report of the input; false when another shard has it.
  bool IsMine() { return command_.shard.Has(seen_++); }
  void Add(ExtractItem item);
  void Flush();
  void AfterWriting();

  const ExtractCommand& command_;
  BatchExtractor& batch_;
  ResumableRun* const resumable_;
  Progress& progress_;
  std::uint64_t seen_ = 0;          // reports, of all shards
  std::uint64_t bytes_ = 0;         // of the input
  std::uint64_t bytes_before_ = 0;  // of the files that are behind us
  std::uint64_t skipped_ = 0;
  bool writing_ = false;
};

}  // namespace radie::tools
