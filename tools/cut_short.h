// A model file that is cut short while it is mapped: the system's answer is SIGBUS, and the command
// says what happened instead of dying by it.
#pragma once

#include <signal.h>

#include <string>

namespace radie::tools {

// While it lives, an access behind the end of the file ends the process with kExitModel and a
// message that names the file. One at a time.
class CutShortGuard {
 public:
  explicit CutShortGuard(const std::string& path);
  ~CutShortGuard();
  CutShortGuard(const CutShortGuard&) = delete;
  CutShortGuard& operator=(const CutShortGuard&) = delete;

 private:
  struct sigaction before_;
};

}  // namespace radie::tools
