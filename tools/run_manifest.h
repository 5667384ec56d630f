// What a run into a file was told to do, and how far it came: the file beside its output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace radie::tools {

// Whatever changes the output, by name, in a fixed order.
using RunSettings = std::vector<std::pair<std::string, std::string>>;

// Up to a checkpoint.
struct RunDone {
  std::uint64_t reports = 0;  // records, a line each
  std::uint64_t output_bytes = 0;
  bool some_failed = false;
  std::string input_digest;  // ItemDigest of these reports
};

struct RunManifest {
  RunSettings settings;
  RunDone done;
};

// OUTPUT.manifest.json
std::string ManifestPath(const std::string& output);

// Nothing when there is no such file. Throws ExitError(kExitUsage) when it is none of radie's.
std::optional<RunManifest> ReadManifest(const std::string& path);

// The file is the old one or the new one, whenever the machine stops. Throws
// ExitError(kExitSomeFailed).
void WriteManifest(const std::string& path, const RunManifest& manifest);

// Throws ExitError(kExitUsage) that tells each setting of `now` that differs from the one the run
// into `output` was begun with.
void RequireSameRun(const std::string& output, const RunSettings& begun, const RunSettings& now);

}  // namespace radie::tools
