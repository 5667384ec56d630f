#include "tools/run_manifest.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/exit_codes.h"
#include "tools/open_file.h"
#include "tools/output.h"
#include "tools/replace_file.h"

namespace radie::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxManifestBytes = std::size_t{1} << 20;
constexpr int kManifestVersion = 1;

std::string JsonOf(const RunManifest& manifest) {
  Json settings = Json::object();
  for (const auto& [name, value] : manifest.settings) settings[name] = value;
  const RunDone& done = manifest.done;
  const Json json = {{"radie_run", kManifestVersion},
                     {"settings", settings},
                     {"done",
                      {{"reports", done.reports},
                       {"output_bytes", done.output_bytes},
                       {"some_failed", done.some_failed},
                       {"input_digest", done.input_digest}}}};
  // Paths need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Throws nlohmann's exceptions for what is missing or of another kind.
RunManifest FromJson(const std::string& text) {
  const Json json = Json::parse(text);
  RunManifest manifest;
  if (json.at("radie_run").get<int>() != kManifestVersion) throw std::out_of_range("radie_run");
  for (const auto& item : json.at("settings").items())
    manifest.settings.emplace_back(item.key(), item.value().get<std::string>());
  const Json& done = json.at("done");
  manifest.done.reports = done.at("reports").get<std::uint64_t>();
  manifest.done.output_bytes = done.at("output_bytes").get<std::uint64_t>();
  manifest.done.some_failed = done.at("some_failed").get<bool>();
  manifest.done.input_digest = done.at("input_digest").get<std::string>();
  return manifest;
}

}  // namespace

std::string ManifestPath(const std::string& output) { return output + ".manifest.json"; }

std::optional<RunManifest> ReadManifest(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
  OpenFile file(path);
  try {
    return FromJson(ReadUpTo(file, kMaxManifestBytes));
  } catch (const ExitError&) {
    throw;
  } catch (const std::exception&) {
    throw ExitError(kExitUsage, path + ": no manifest that this version of radie wrote");
  }
}

void WriteManifest(const std::string& path, const RunManifest& manifest) {
  ReplaceFile(path, JsonOf(manifest));
}

void RequireSameRun(const std::string& output, const RunSettings& begun, const RunSettings& now) {
  std::string differences;
  for (const auto& [name, value] : now) {
    const auto same_name = [&name = name](const auto& setting) { return setting.first == name; };
    const auto before = std::find_if(begun.begin(), begun.end(), same_name);
    const std::string old = before == begun.end() ? "?" : before->second;
    if (old == value) continue;
    differences += differences.empty() ? "" : "; ";
    differences += name + " was " + (old.empty() ? "not given" : old) + " and is " +
                   (value.empty() ? "not given" : value);
  }
  if (differences.empty() && begun.size() == now.size()) return;
  throw ExitError(
      kExitUsage,
      output +
          ": this is another run than the one that began it, and records of two are not "
          "mixed: " +
          (differences.empty() ? "another version's settings" : differences));
}

}  // namespace radie::tools
