// Standard output in whole lines, and messages on standard error.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace radie::tools {

// Writes to a file descriptor it does not own. Interruptions and short writes are completed; while
// a write is under way, Ctrl-C waits for it (signals.h), so that what has come out ends with a
// line.
class Output {
 public:
  // `name` is for messages. `own_file`: the descriptor is a regular file that nobody else writes,
  // so that what a write that fails has left of itself can be taken away again.
  explicit Output(int descriptor, std::string name = "the output", bool own_file = false)
      : descriptor_(descriptor), name_(std::move(name)), own_file_(own_file) {}

  // `text` is one or more whole lines. Throws PipeClosed, or ExitError(kExitSomeFailed) when the
  // write fails.
  void Write(std::string_view text);

 private:
  int descriptor_;
  std::string name_;
  bool own_file_;
};

// Throws ExitError(kExitSomeFailed) that names the file and says why, by errno.
[[noreturn]] void CannotWrite(const std::string& name);

Output& StandardOutput();

// "radie: MESSAGE" on standard error; control characters (of a file name, say) are not passed to
// the terminal.
void Complain(std::string_view message);

bool IsTerminal(int descriptor);

// Takes away what stands on the terminal's line, and goes to its beginning.
inline constexpr std::string_view kClearLine = "\r\x1b[K";

// On standard error, as it is; what cannot be shown is left.
void WriteToStandardError(std::string_view text);

// Columns of the terminal on standard output; 100 when it does not say.
std::size_t TerminalWidth();

}  // namespace radie::tools
