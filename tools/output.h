// Standard output in whole lines, and messages on standard error.
#pragma once

#include <string>
#include <string_view>

namespace radie::tools {

// Writes to a file descriptor it does not own. Interruptions and short writes are completed; while
// a write is under way, Ctrl-C waits for it (signals.h), so that what has come out ends with a
// line.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  // `text` is one or more whole lines. Throws PipeClosed, or ExitError(kExitSomeFailed) when the
  // write fails.
  void Write(std::string_view text);

 private:
  int descriptor_;
};

Output& StandardOutput();

// "radie: MESSAGE" on standard error; control characters (of a file name, say) are not passed to
// the terminal.
void Complain(std::string_view message);

bool IsTerminal(int descriptor);

// Columns of the terminal on standard output; 100 when it does not say.
std::size_t TerminalWidth();

}  // namespace radie::tools
