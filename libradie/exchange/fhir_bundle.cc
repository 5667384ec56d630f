// One report's Bundle. Codes and canonical addresses: FHIR R4 and JP Core 1.2 (docs/fhir.md).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libradie/base/json_tree.h"
#include "libradie/base/report_check.h"
#include "libradie/exchange/fhir_text.h"
#include "libradie/write/json_text.h"
#include "radie/fhir.h"
#include "radie/version.h"

namespace radie {
namespace {

using Json = JsonTree;

constexpr char kLoinc[] = "http://loinc.org";
constexpr char kUcum[] = "http://unitsofmeasure.org";
constexpr char kProfiles[] = "http://jpfhir.jp/fhir/core/StructureDefinition/";
constexpr char kDocumentCodes[] = "http://jpfhir.jp/fhir/core/CodeSystem/JP_DocumentCodes_CS";
constexpr char kCategories[] =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
constexpr char kModalities[] = "http://dicom.nema.org/resources/ontology/DCM";
constexpr char kSpanExtension[] = "urn:radie:fhir:text-span";
constexpr char kConfidenceExtension[] = "urn:radie:fhir:confidence";
constexpr char kCertaintyClasses[] = "urn:radie:fhir:certainty";
constexpr char kRecordIds[] = "urn:radie:fhir:record-id";

Json Coding(std::string_view system, std::string_view code) {
  return {{"system", system}, {"code", code}};
}
// One element and one member are always said by name: what braces round a single value mean differs
// between compilers (a list of it, or a copy).
Json List(Json item) { return Json::Array(std::move(item)); }
Json Member(const char* name, Json value) {
  Json object = Json::Object();
  object[name] = std::move(value);
  return object;
}

Json Concept(Json coding) { return Member("coding", List(std::move(coding))); }
Json TextConcept(std::string_view text) { return Member("text", FhirString(text)); }
// GCC 12 warns of "literal" + std::string (-Wrestrict, a false alarm); append() does not meet it.
std::string Joined(std::string_view first, std::string_view second, std::string_view third = "") {
  return std::string(first).append(second).append(third);
}

Json Reference(const std::string& urn) { return Member("reference", urn); }

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// 0…1 with four decimals at most, and one at least.
Json Decimal(double confidence) {
  std::string digits;
  AppendConfidence(digits, std::isfinite(confidence) ? confidence : 0.0);
  digits.resize(std::max<std::size_t>(digits.find_last_not_of('0') + 1, 3));
  return Json::Number(std::move(digits));
}

// FHIR's reference: a URL or Type/id. What would not be one is refused, not escaped.
void CheckSubject(const std::string& subject) {
  const bool fits = std::all_of(subject.begin(), subject.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("/:.-_~?=&%#").find(c) != std::string_view::npos;
  });
  if (!fits) throw Error(ErrorCode::kInvalidArgument, "FhirOptions.subject: is no reference");
}

int TwoDigits(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// What follows reads digits that are known to be there.
bool IsDate(std::string_view date) {  // YYYY-MM-DD
  const int year = TwoDigits(date, 0) * 100 + TwoDigits(date, 2);
  const std::chrono::year_month_day day{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(TwoDigits(date, 5))),
      std::chrono::day(static_cast<unsigned>(TwoDigits(date, 8)))};
  return year > 0 && day.ok();
}

bool IsTime(std::string_view time) {  // hh:mm:ss, with FHIR's leap second
  return TwoDigits(time, 0) < 24 && TwoDigits(time, 3) < 60 && TwoDigits(time, 6) <= 60;
}

bool IsZone(std::string_view zone) {  // ±hh:mm, 14:00 at most
  const int minutes = TwoDigits(zone, 4);
  return minutes < 60 && TwoDigits(zone, 1) * 60 + minutes <= 14 * 60;
}

// YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)
void CheckInstant(const std::string& instant) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  const auto matches = [](std::string_view text, std::string_view form) {
    return text.size() == form.size() &&
           std::equal(text.begin(), text.end(), form.begin(),
                      [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
  };
  std::string_view rest = instant;
  bool fits = rest.size() > kForm.size() && matches(rest.substr(0, kForm.size()), kForm);
  if (fits) {
    rest.remove_prefix(kForm.size());
    if (rest.starts_with('.')) {
      const std::size_t end = rest.find_first_not_of("0123456789", 1);
      fits = end != std::string_view::npos && end > 1;
      rest.remove_prefix(fits ? end : 0);
    }
  }
  const bool zoned = matches(rest, "+dd:dd") || matches(rest, "-dd:dd");
  if (!fits || !(zoned || rest == "Z") || !IsDate(instant) || !IsTime(instant.substr(11, 8)) ||
      (zoned && !IsZone(rest))) {
    throw Error(ErrorCode::kInvalidArgument, "FhirOptions.recorded: is no FHIR instant");
  }
}

class BundleBuilder {
 public:
  BundleBuilder(std::string_view id, std::string_view text, const StructuredReport& report,
                const FhirOptions& options)
      : id_(id), text_(text), report_(report), options_(options), urns_(id) {
    for (std::size_t f = 0; f < report.findings.size(); ++f) {
      findings_.push_back(Urn(Joined("finding-", std::to_string(f + 1))));
      finding_of_.emplace(report.findings[f].object, f);  // the first one stays
    }
  }

  std::string Build() {
    const FhirSections sections = SplitSections(text_);
    AddReport(sections);
    AddSection("findings", "JP_Observation_Radiology_Findings", "18782-3", sections.findings, true);
    AddSection("impression", "JP_Observation_Radiology_Impression", "19005-8", sections.impression,
               false);
    for (std::size_t f = 0; f < report_.findings.size(); ++f) AddFinding(f);
    AddDevice();
    if (!options_.recorded.empty()) AddProvenance();
    const Json bundle = {{"resourceType", "Bundle"},
                         {"type", options_.transaction ? "transaction" : "collection"},
                         {"entry", std::move(entries_)}};
    return bundle.Text();
  }

 private:
  std::string Urn(const std::string& part) const { return urns_.Of(part); }

  void Add(const std::string& part, Json resource) {
    const std::string urn = Urn(part);
    Json entry = {{"fullUrl", urn}, {"resource", std::move(resource)}};
    if (options_.transaction) {
      entry["request"] = {{"method", "POST"}, {"url", entry["resource"]["resourceType"]}};
    }
    entries_.Append(std::move(entry));
    added_.push_back(urn);
  }

  void AddSubject(Json& resource) const {
    if (!options_.subject.empty()) resource["subject"] = Reference(options_.subject);
  }

  void AddReport(const FhirSections& sections) {
    Json report = Member("resourceType", "DiagnosticReport");
    report["meta"] = Member("profile", List(Joined(kProfiles, "JP_DiagnosticReport_Radiology")));
    if (!IsBlank(text_)) {  // FHIR has no empty narrative
      report["text"] = {{"status", "additional"},
                        {"div", Joined("<div xmlns=\"http://www.w3.org/1999/xhtml\">",
                                       FhirXhtml(text_), "</div>")}};
    }
    if (!IsBlank(id_)) {
      report["identifier"] = List({{"system", kRecordIds}, {"value", FhirString(id_)}});
    }
    report["status"] = "unknown";  // radie does not know whether the report was final
    report["category"] =
        Json::Array(Concept(Coding(kLoinc, "LP29684-5")), Concept(Coding(kModalities, "CT")));
    report["code"] = Concept(Coding(kDocumentCodes, "18748-4"));
    AddSubject(report);
    Json results = Json::Array();
    if (!IsBlank(sections.findings)) results.Append(Reference(Urn("findings")));
    if (!IsBlank(sections.impression)) results.Append(Reference(Urn("impression")));
    for (const std::string& finding : findings_) results.Append(Reference(finding));
    if (!results.empty()) report["result"] = std::move(results);
    if (!IsBlank(sections.impression)) report["conclusion"] = FhirString(sections.impression);
    Add("report", std::move(report));
  }

  Json Observation() const {
    return {{"resourceType", "Observation"},
            {"status", "unknown"},
            {"category", List(Concept(Coding(kCategories, "imaging")))}};
  }

  void AddSection(const std::string& part, const char* profile, const char* code,
                  const std::string& text, bool has_members) {
    if (IsBlank(text)) return;
    Json observation = Observation();
    observation["meta"] = Member("profile", List(Joined(kProfiles, profile)));
    observation["code"] = Concept(Coding(kLoinc, code));
    AddSubject(observation);
    observation["valueString"] = FhirString(text);
    if (has_members && !findings_.empty()) {
      Json members = Json::Array();
      for (const std::string& finding : findings_) members.Append(Reference(finding));
      observation["hasMember"] = std::move(members);
    }
    Add(part, std::move(observation));
  }

  // Where a mention stands, and how sure the model is of it.
  void AddExtensions(std::size_t entity, Json& extensions) const {
    const Entity& mention = report_.entities[entity];
    const Range& range = mention.span.code_points;
    Json span = Member("url", kSpanExtension);
    span["extension"] = Json::Array(
        Json{{"url", "entity"}, {"valueString", Joined("T", std::to_string(entity + 1))}},
        Json{{"url", "start"}, {"valueUnsignedInt", range.begin}},
        Json{{"url", "end"}, {"valueUnsignedInt", range.end}});
    extensions.Append(std::move(span));
    extensions.Append(
        {{"url", kConfidenceExtension}, {"valueDecimal", Decimal(mention.confidence)}});
  }
  Json Extensions(std::size_t entity) const {
    Json extensions = Json::Array();
    AddExtensions(entity, extensions);
    return extensions;
  }

  void AddCodings(std::size_t entity, Json& codings) const {
    for (const TermCode& code : report_.entities[entity].codes) {
      Json coding = Json::Object();
      // FHIR has no empty strings and no empty objects.
      if (!code.system.empty()) coding["system"] = FhirString(code.system);
      if (!code.code.empty()) coding["code"] = FhirString(code.code);
      if (!code.name.empty()) coding["display"] = FhirString(code.name);
      if (!coding.empty()) codings.Append(std::move(coding));
    }
  }

  Json ConceptOf(std::size_t entity) const {
    Json concept_of = TextConcept(report_.entities[entity].text);
    Json codings = Json::Array();
    AddCodings(entity, codings);
    if (!codings.empty()) concept_of["coding"] = std::move(codings);
    concept_of["extension"] = Extensions(entity);
    return concept_of;
  }

  // Body site and value hold one concept each; where there are more mentions, the text joins them,
  // the codings are those of all and an extension names every one.
  Json JoinedConcept(const std::vector<std::size_t>& entities) const {
    if (entities.size() == 1) return ConceptOf(entities.front());
    std::string text;
    Json codings = Json::Array(), extensions = Json::Array();
    for (const std::size_t entity : entities) {
      AddCodings(entity, codings);
      if (!text.empty()) text += "、";
      text += report_.entities[entity].text;
      AddExtensions(entity, extensions);
    }
    Json joined = TextConcept(text);
    if (!codings.empty()) joined["coding"] = std::move(codings);
    joined["extension"] = std::move(extensions);
    return joined;
  }

  void AddComponents(std::size_t entity, Json& components) const {
    const Entity& mention = report_.entities[entity];
    const Json component = {{"extension", Extensions(entity)}, {"code", TextConcept(mention.type)}};
    const std::vector<Quantity> lengths =
        mention.type == "Size_descriptor" ? ParseLengths(mention.text) : std::vector<Quantity>();
    for (const Quantity& length : lengths) {
      Json measured = component;
      measured["valueQuantity"] = {{"value", Json::Number(length.value)},
                                   {"unit", length.unit},
                                   {"system", kUcum},
                                   {"code", length.unit}};
      components.Append(std::move(measured));
    }
    if (lengths.empty()) {
      Json told = component;
      told["valueString"] = FhirString(mention.text);
      components.Append(std::move(told));
    }
  }

  void AddFinding(std::size_t number) {
    const Finding& finding = report_.findings[number];
    Json observation = Observation();
    observation["code"] = ConceptOf(finding.object);
    AddSubject(observation);
    std::vector<std::size_t> sites, certainties;
    Json components = Json::Array();
    for (const std::size_t attribute : finding.attributes) {
      const std::string& type = report_.entities[attribute].type;
      if (type == "Anatomical_entity") {
        sites.push_back(attribute);
      } else if (type == "Certainty_descriptor") {
        certainties.push_back(attribute);
      } else {
        AddComponents(attribute, components);
      }
    }
    if (!certainties.empty()) observation["valueCodeableConcept"] = JoinedConcept(certainties);
    if (finding.certainty) {
      Json codings = List(Coding(kCertaintyClasses, CertaintyName(finding.certainty->value)));
      for (const std::size_t certainty : certainties) AddCodings(certainty, codings);
      observation["valueCodeableConcept"]["coding"] = std::move(codings);
    }
    if (!sites.empty()) observation["bodySite"] = JoinedConcept(sites);
    observation["device"] = Reference(device_);
    Json evidence = Json::Array();
    for (const std::size_t sign : finding.evidence) {
      const auto found = finding_of_.find(sign);
      if (found != finding_of_.end()) evidence.Append(Reference(findings_[found->second]));
    }
    if (!evidence.empty()) observation["derivedFrom"] = std::move(evidence);
    if (!components.empty()) observation["component"] = std::move(components);
    Add(Joined("finding-", std::to_string(number + 1)), std::move(observation));
  }

  void AddDevice() {
    Json device = Member("resourceType", "Device");
    if (!options_.model_sha256.empty()) {
      device["identifier"] =
          List({{"system", "urn:ietf:rfc:3986"},
                {"value", Joined("urn:radie:model:sha256:", FhirString(options_.model_sha256))}});
    }
    device["deviceName"] = List({{"name", "radie"}, {"type", "manufacturer-name"}});
    if (!IsBlank(options_.model_name)) {
      device["deviceName"].Append(
          {{"name", FhirString(options_.model_name)}, {"type", "model-name"}});
    }
    device["version"] = List(Member("value", RADIE_VERSION_STRING));
    Add("device", std::move(device));
  }

  void AddProvenance() {
    Json provenance = Member("resourceType", "Provenance");
    Json targets = Json::Array();
    for (const std::string& urn : added_) {
      if (urn != device_) targets.Append(Reference(urn));
    }
    provenance["target"] = std::move(targets);
    provenance["recorded"] = options_.recorded;
    provenance["agent"] = List(Member("who", Reference(device_)));
    Add("provenance", std::move(provenance));
  }

  const std::string_view id_, text_;
  const StructuredReport& report_;
  const FhirOptions& options_;
  const FhirUrns urns_;
  const std::string device_ = Urn("device");
  std::vector<std::string> findings_;              // their Observations
  std::map<std::size_t, std::size_t> finding_of_;  // by entity that is one's object: the first
  Json entries_ = Json::Array();
  std::vector<std::string> added_;  // fullUrls, in order
};

}  // namespace

std::string ToFhir(std::string_view id, std::string_view text, const StructuredReport& report,
                   const FhirOptions& options) {
  CheckIndices(report);
  CheckSubject(options.subject);
  if (!options.recorded.empty()) CheckInstant(options.recorded);
  return BundleBuilder(id, text, report, options).Build();
}

std::string ErrorToFhir(std::optional<std::string_view> id, const Error& error,
                        std::optional<std::size_t> line) {
  std::string diagnostics;
  if (id) diagnostics += Joined(FhirString(*id), ": ");
  if (!id && line) diagnostics += Joined("line ", std::to_string(*line), ": ");
  diagnostics += FhirString(error.what());
  const bool too_long = error.code() == ErrorCode::kLimitExceeded;
  const char* const code = too_long                               ? "too-long"
                           : error.code() == ErrorCode::kInternal ? "exception"
                                                                  : "invalid";
  Json issue = {{"severity", "error"},
                {"code", code},
                {"details", Member("text", ErrorCodeName(error.code()))}};
  if (!diagnostics.empty()) issue["diagnostics"] = diagnostics;
  return Json({{"resourceType", "OperationOutcome"}, {"issue", List(std::move(issue))}}).Text();
}

}  // namespace radie
