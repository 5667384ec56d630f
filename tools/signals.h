// Ctrl-C and SIGTERM end the command between lines, never inside one; a closed pipe and a limit on
// the size of files (ulimit -f) are errors of write(), not signals.
#pragma once

#include <signal.h>

namespace radie::tools {

// Call once, before any thread is started. SIGINT and SIGTERM end the process at once with 128 +
// signal, except while a WriteInProgress lives: then when the last one ends. A second signal does
// not wait.
void InstallSignalHandlers();

// Lives while output is written; one within another is fine. On the main thread only.
class WriteInProgress {
 public:
  WriteInProgress();
  ~WriteInProgress();
  WriteInProgress(const WriteInProgress&) = delete;
  WriteInProgress& operator=(const WriteInProgress&) = delete;
};

// Threads started while this lives never receive the two signals: they arrive on the main thread,
// where "is a write under way" has an answer that cannot change under the handler.
class SignalsToMainThread {
 public:
  SignalsToMainThread();
  ~SignalsToMainThread();
  SignalsToMainThread(const SignalsToMainThread&) = delete;
  SignalsToMainThread& operator=(const SignalsToMainThread&) = delete;

 private:
  sigset_t before_;
};

}  // namespace radie::tools
