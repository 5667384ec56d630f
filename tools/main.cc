// The radie command.
#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>
#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "radie/error.h"
#include "radie/version.h"
#include "tools/commands.h"
#include "tools/exit_codes.h"
#include "tools/output.h"
#include "tools/signals.h"

namespace radie::tools {
namespace {

int RunCommand(const Run& run) {
  try {
    return run();
  } catch (const PipeClosed&) {
    return kExitOk;
  } catch (const ExitError& error) {
    Complain(error.what());
    return error.code();
  } catch (const Error& error) {
    Complain(error.what());
    return error.code() == ErrorCode::kInvalidArgument ? kExitUsage : kExitSomeFailed;
  } catch (const std::bad_alloc&) {
    Complain("out of memory");
    return kExitSomeFailed;
  } catch (const std::exception& error) {
    Complain(error.what());
    return kExitSomeFailed;
  }
}

// What the library was built with, and the command. CLI11 ends it with a line feed of its own.
std::string VersionText() {
  std::string text = BuildInfo();
#if defined(RADIE_WITH_COMPRESSION)
  text += "RADIE_WITH_COMPRESSION: on\n";
#else
  text += "RADIE_WITH_COMPRESSION: off\n";
#endif
#if defined(RADIE_WITH_SERVE)
  text += "RADIE_WITH_SERVE: on";
#else
  text += "RADIE_WITH_SERVE: off";
#endif
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Blocks from 128 KiB on go back to the system when they are freed. Left to itself, glibc moves
// that bound up to the largest block freed so far; working memory of one batch then leaves holes
// that cached results fill, and the next batch takes new memory behind them.
void KeepHeapDense() {
#if defined(__GLIBC__)
  ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);  // NOLINT(concurrency-mt-unsafe): before any thread
#endif
}

// A standard stream that is closed would be the next file that is opened, and messages would go
// into the output. What takes its place can neither be read nor written, as before.
void KeepStandardStreams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free is this one.
    if (::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) != stream) return;
  }
}

int Main(int argc, char** argv) {
  KeepStandardStreams();
  KeepHeapDense();
  InstallSignalHandlers();
  CLI::App app("Japanese radiology reports in, structured findings out.", "radie");
  app.set_version_flag("--version", VersionText, "Print the version and what it was built with");
  app.require_subcommand(1);
  app.footer(std::string("radie COMMAND --help tells the options and examples of a command.\n") +
             kExitCodesHelp);
  Run run;
  AddExtract(app, run);
  AddInspect(app, run);
  AddPack(app, run);
  AddEval(app, run);
  AddEncode(app, run);
  AddTokenize(app, run);
  AddBench(app, run);
#if defined(RADIE_WITH_SERVE)
  AddServe(app, run);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has an exit code for each kind of mistake; here they are all one. --help and --version
    // are none.
    std::ostringstream told;
    if (app.exit(error, told, std::cerr) != 0) return kExitUsage;
    run = [text = told.str()] {
      StandardOutput().Write(text);
      return kExitOk;
    };
  }
  return RunCommand(run);
}

}  // namespace
}  // namespace radie::tools

int main(int argc, char** argv) { return radie::tools::Main(argc, argv); }
