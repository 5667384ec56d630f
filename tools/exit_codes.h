// How the command ends, and the exceptions that end it.
#pragma once

#include <stdexcept>
#include <string>

namespace radie::tools {

enum ExitCode : int {
  kExitOk = 0,
  kExitSomeFailed = 1,  // some reports or files failed; the others were written
  kExitUsage = 2,
  kExitModel = 3,         // the model cannot be used
  kExitInterrupted = 130  // Ctrl-C
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 all well, 1 something failed and the rest was written, 2 usage, "
    "3 model unusable, 130 interrupted.";

// Ends the command with a message on stderr. The message never holds report text.
class ExitError : public std::runtime_error {
 public:
  ExitError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// The reader of our output has gone: nobody is left to tell, so the command ends quietly with
// kExitOk.
class PipeClosed {};

}  // namespace radie::tools
