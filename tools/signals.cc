#include "tools/signals.h"

#include <pthread.h>
#include <unistd.h>

namespace radie::tools {
namespace {

volatile sig_atomic_t writing = 0;
volatile sig_atomic_t pending = 0;

extern "C" void HandleSignal(int signal) {
  if (writing == 0 || pending != 0) ::_exit(128 + signal);
  pending = signal;
}

}  // namespace

void InstallSignalHandlers() {
  struct sigaction action = {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

WriteInProgress::WriteInProgress() { writing = writing + 1; }

WriteInProgress::~WriteInProgress() {
  writing = writing - 1;
  if (writing == 0 && pending != 0) ::_exit(128 + pending);
}

SignalsToMainThread::SignalsToMainThread() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &both, &before_);
}

SignalsToMainThread::~SignalsToMainThread() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace radie::tools
