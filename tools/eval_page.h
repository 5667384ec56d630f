// The page of `radie eval --html`: figures, and every report's annotation beside its prediction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "radie/comparison.h"
#include "tools/eval_figures.h"
#include "tools/kept_either_way.h"

namespace radie::tools {

// Keeps the sections of all reports offered, or of the `worst` ones as WorstReports chooses them.
class EvalPage {
 public:
  explicit EvalPage(std::optional<std::size_t> worst) : worst_(worst) {}

  void Offer(const ReportOutcome& outcome);

  // The whole page; sections in the order in which the reports came. Afterwards it is empty.
  std::string Take(const EvalFigures& figures);

 private:
  struct Entry {
    std::size_t errors = 0;
    HtmlListed listed;
    std::string section;
  };

  void Keep(const ReportOutcome& outcome, bool relations, std::vector<Entry>& entries) const;

  std::optional<std::size_t> worst_;
  std::size_t offered_ = 0;
  KeptEitherWay<Entry> entries_;  // the worst first; as they came where all are kept
};

// Where the page goes: tried when work begins, so that a path that cannot be written ends the
// command before, and filled when it is done. Until then an old page stays as it is, and a new one
// is not there.
class PageFile {
 public:
  // Throws ExitError(kExitSomeFailed).
  explicit PageFile(const std::string& path);
  ~PageFile();
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;

  void Write(const std::string& page);

 private:
  std::string path_;
  int descriptor_;  // of what was there before, else -1
};

}  // namespace radie::tools
