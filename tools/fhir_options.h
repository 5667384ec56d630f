// The options of `--format fhir`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "radie/fhir.h"
#include "radie/model.h"
#include "tools/model_options.h"

namespace radie::tools {

struct FhirCommandOptions {
  bool transaction = false;
  std::string subject;
  std::string recorded;  // empty: now

  bool given() const { return transaction || !subject.empty() || !recorded.empty(); }
};

// The present as a FHIR instant of whole seconds.
std::string InstantNow();

void AddFhirOptions(CLI::App& command, FhirCommandOptions& options);

// With the model's name, and its file's SHA-256, which is read for it. Throws ExitError: kExitUsage
// for a subject or instant that is none, kExitModel when the file cannot be read.
FhirOptions FhirOptionsOf(const FhirCommandOptions& given, const Model& model,
                          const ModelOptions& model_options);

}  // namespace radie::tools
