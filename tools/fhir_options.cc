#include "tools/fhir_options.h"

#include <ctime>
#include <map>

#include "tools/exit_codes.h"

namespace radie::tools {

std::string InstantNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[sizeof "2026-01-31T12:00:00Z+"];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc));
}

void AddFhirOptions(CLI::App& command, FhirCommandOptions& options) {
  static const std::map<std::string, bool> kBundles = {{"collection", false},
                                                       {"transaction", true}};
  command
      .add_option("--fhir-bundle", options.transaction,
                  "With --format fhir: type of the Bundle, collection or transaction (default: "
                  "collection)")
      ->transform(CLI::CheckedTransformer(kBundles).description(""))
      ->type_name("TYPE");
  command
      .add_option("--fhir-subject", options.subject,
                  "With --format fhir: the patient, such as Patient/123 (default: none is named)")
      ->type_name("REFERENCE");
  command
      .add_option("--fhir-recorded", options.recorded,
                  "With --format fhir: the instant that Provenance names, such as "
                  "2026-01-31T12:00:00Z (default: now)")
      ->type_name("INSTANT");
}

FhirOptions FhirOptionsOf(const FhirCommandOptions& given, const Model& model,
                          const ModelOptions& model_options) {
  FhirOptions options;
  options.transaction = given.transaction;
  options.subject = given.subject;
  options.recorded = given.recorded.empty() ? InstantNow() : given.recorded;
  options.model_name = model.info().name;
  options.model_sha256 = ModelSha256(model_options);
  try {
    ToFhir("", "", {}, options);
  } catch (const Error& error) {
    throw ExitError(kExitUsage, std::string("--fhir-subject or --fhir-recorded: ") + error.what());
  }
  return options;
}

}  // namespace radie::tools
