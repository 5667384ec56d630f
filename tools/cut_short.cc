#include "tools/cut_short.h"

#include <unistd.h>

#include <cstddef>

#include "tools/exit_codes.h"

namespace radie::tools {
namespace {

// Made before the signal can come: a handler may do little more than write().
std::string message;

extern "C" void HandleBusError(int signal, siginfo_t* facts, void*) {
  if (facts->si_code != BUS_ADRERR) {  // not an access behind a mapping's end: as without us
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    return;
  }
  std::size_t done = 0;
  while (done < message.size()) {
    const ssize_t wrote = ::write(STDERR_FILENO, message.data() + done, message.size() - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  ::_exit(kExitModel);
}

}  // namespace

CutShortGuard::CutShortGuard(const std::string& path) {
  message = "radie: model " + path +
            ": was cut short while it was read; put new model files in place by renaming, or use "
            "--no-mmap\n";
  struct sigaction action = {};
  action.sa_sigaction = HandleBusError;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &before_);
}

CutShortGuard::~CutShortGuard() { sigaction(SIGBUS, &before_, nullptr); }

}  // namespace radie::tools
