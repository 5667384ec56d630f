// The subcommands. Each adds itself to the application; what it is to do when chosen is left in
// `run`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace radie::tools {

using Run =
    std::function<int()>;  // returns the exit code; may throw ExitError, PipeClosed, radie::Error

void AddExtract(CLI::App& app, Run& run);
void AddEval(CLI::App& app, Run& run);
void AddInspect(CLI::App& app, Run& run);
void AddPack(CLI::App& app, Run& run);
void AddEncode(CLI::App& app, Run& run);
void AddTokenize(CLI::App& app, Run& run);
void AddBench(CLI::App& app, Run& run);
void AddServe(CLI::App& app, Run& run);  // in builds with RADIE_WITH_SERVE

}  // namespace radie::tools
