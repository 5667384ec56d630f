#include "tools/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tools/exit_codes.h"
#include "tools/signals.h"

namespace radie::tools {

void Output::Write(std::string_view text) {
  const WriteInProgress guard;
  const off_t begin = own_file_ ? ::lseek(descriptor_, 0, SEEK_CUR) : -1;
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EPIPE) throw PipeClosed();
    const int why = errno;
    // When this fails too, the file ends with half a line, which no reader takes for a whole one.
    if (begin >= 0) [[maybe_unused]]
      const int taken = ::ftruncate(descriptor_, begin);
    errno = why;
    CannotWrite(name_);
  }
}

void CannotWrite(const std::string& name) {
  throw ExitError(kExitSomeFailed,
                  "cannot write " + name + ": " + std::generic_category().message(errno));
}

Output& StandardOutput() {
  static Output output(STDOUT_FILENO);
  return output;
}

void Complain(std::string_view message) {
  std::string line = "radie: ";
  for (char c : message) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  WriteToStandardError(line += '\n');
}

void WriteToStandardError(std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

bool IsTerminal(int descriptor) { return ::isatty(descriptor) == 1; }

std::size_t TerminalWidth() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 100;
}

}  // namespace radie::tools
