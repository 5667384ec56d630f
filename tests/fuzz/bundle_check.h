// A FHIR Bundle beside the report that it is of: docs/fhir.md once more, made of the report alone.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exact_json.h"
#include "expected_sections.h"
#include "made_report_fuzz.h"
#include "radie/fhir.h"
#include "radie/version.h"

namespace radie::fuzz {

// With U+FFFD for each character that FHIR's strings do not hold. Broken UTF-8 stays.
inline std::string FhirText(const std::string& bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const bool control = static_cast<unsigned char>(bytes[at]) < 0x20 && bytes[at] != '\t' &&
                         bytes[at] != '\n' && bytes[at] != '\r';
    const std::string three = bytes.substr(at, 3);
    const bool none = three == "\uFFFE" || three == "\uFFFF";
    if (none) at += 2;
    text += control || none ? "\uFFFD" : bytes.substr(at, 1);
  }
  return text;
}

// Strings character by character; those that are expected to be broken UTF-8, as repaired.
inline void ExpectSameJson(const json& expected, const json& written, const std::string& where) {
  ASSERT_STREQ(expected.type_name(), written.type_name()) << where;
  if (expected.is_string()) {
    const auto& text = expected.get_ref<const std::string&>();
    const auto& other = written.get_ref<const std::string&>();
    if (WellFormed(text, text.size()) == text) {
      ASSERT_EQ(text, other) << where;
    } else {
      ASSERT_EQ(Repaired(text), Repaired(other)) << where;
    }
  } else if (expected.is_object()) {
    for (const auto& item : written.items()) {
      ASSERT_TRUE(expected.contains(item.key())) << where << "." << item.key();
    }
    for (const auto& item : expected.items()) {
      ASSERT_TRUE(written.contains(item.key())) << where << "." << item.key();
      ExpectSameJson(item.value(), written[item.key()], where + "." + item.key());
    }
  } else if (expected.is_array()) {
    ASSERT_EQ(expected.size(), written.size()) << where;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ExpectSameJson(expected[i], written[i], where + "[" + std::to_string(i) + "]");
    }
  } else {
    ASSERT_EQ(expected, written) << where;
  }
}

class BundleCheck {
 public:
  BundleCheck(const FuzzedReport& made, const FhirOptions& options)
      : made_(made),
        report_(made.report),
        options_(options),
        sections_(made.text),
        text_findings_(!IsBlank(sections_.findings())),
        text_impression_(!IsBlank(sections_.impression())) {
    parts_ = {"report"};
    if (text_findings_) parts_.emplace_back("findings");
    if (text_impression_) parts_.emplace_back("impression");
    for (std::size_t i = 0; i < report_.findings.size(); ++i) parts_.push_back(PartOf(i));
    parts_.emplace_back("device");
    if (!options.recorded.empty()) parts_.emplace_back("provenance");
  }

  void Run(const json& bundle) {
    const json& entries = bundle.at("entry");
    ASSERT_EQ(entries.size(), parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) urns_[parts_[i]] = entries[i].at("fullUrl");
    ASSERT_NO_FATAL_FAILURE(ExpectUuids());
    json expected = {{"resourceType", "Bundle"},
                     {"type", options_.transaction ? "transaction" : "collection"},
                     {"entry", json::array()}};
    for (const std::string& part : parts_) {
      json entry = {{"fullUrl", urns_[part]}, {"resource", ResourceOf(part)}};
      if (options_.transaction) {
        entry["request"] = {{"method", "POST"}, {"url", entry["resource"]["resourceType"]}};
      }
      expected["entry"].push_back(entry);
    }
    ExpectSameJson(expected, bundle, "Bundle");
  }

 private:
  using Indices = std::vector<std::size_t>;

  static bool IsBlank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == text.npos;
  }
  static std::string PartOf(std::size_t finding) {
    return "finding-" + std::to_string(finding + 1);
  }

  // Different ones, of version 8 and RFC 9562's variant.
  void ExpectUuids() {
    std::map<std::string, std::string> parts;
    for (const auto& [part, urn] : urns_) {
      ASSERT_TRUE(parts.emplace(urn, part).second) << part << " and " << parts[urn] << ": " << urn;
      ASSERT_TRUE(urn.starts_with("urn:uuid:")) << urn;
      std::string form = urn.substr(9);
      for (char& c : form) c = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? 'h' : c;
      ASSERT_EQ(form, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh");
      ASSERT_EQ(urn[23], '8') << urn;
      ASSERT_NE(std::string("89ab").find(urn[28]), std::string::npos) << urn;
    }
  }

  // One element and one member are said by name: what braces round them mean, compilers differ in.
  static json List(json item) {
    json list = json::array();
    list.push_back(std::move(item));
    return list;
  }
  static json Member(const char* name, json value) {
    json object = json::object();
    object[name] = std::move(value);
    return object;
  }
  static json Concept(const char* system, const std::string& code) {
    return Member("coding", List({{"system", system}, {"code", code}}));
  }
  json Reference(const std::string& part) const { return Member("reference", urns_.at(part)); }

  json ResourceOf(const std::string& part) const {
    if (part == "report") return ReportOf();
    if (part == "findings") return SectionOf("Findings", "18782-3", sections_.findings(), true);
    if (part == "impression") {
      return SectionOf("Impression", "19005-8", sections_.impression(), false);
    }
    if (part == "device") return DeviceOf();
    if (part == "provenance") return ProvenanceOf();
    return FindingOf(report_.findings[std::stoul(part.substr(part.find('-') + 1)) - 1]);
  }

  // The part of the first finding of this object. Empty where there is none.
  std::string FindingPartOf(std::size_t object) const {
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      if (report_.findings[i].object == object) return PartOf(i);
    }
    return "";
  }

  json Members() const {
    json members = json::array();
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      members.push_back(Reference(PartOf(i)));
    }
    return members;
  }

  std::string NarrativeOf() const {
    std::string out;
    const std::string text = FhirText(made_.text);
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::string c = text.substr(at, 1);
      const bool second = c == "\n" && at > 0 && text[at - 1] == '\r';
      if (second) continue;
      const bool breaks = c == "\r" || c == "\n";
      out += breaks ? "<br/>" : c == "&" ? "&amp;" : c == "<" ? "&lt;" : c == ">" ? "&gt;" : c;
    }
    return "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + out + "</div>";
  }

  json ReportOf() const {
    json report = {{"resourceType", "DiagnosticReport"}, {"status", "unknown"}};
    report["meta"] = ProfileOf("JP_DiagnosticReport_Radiology");
    if (!IsBlank(made_.text)) report["text"] = {{"status", "additional"}, {"div", NarrativeOf()}};
    if (!IsBlank(made_.id)) {
      report["identifier"] =
          List({{"system", "urn:radie:fhir:record-id"}, {"value", FhirText(made_.id)}});
    }
    report["category"] = List(Concept("http://loinc.org", "LP29684-5"));
    report["category"].push_back(Concept("http://dicom.nema.org/resources/ontology/DCM", "CT"));
    report["code"] =
        Concept("http://jpfhir.jp/fhir/core/CodeSystem/JP_DocumentCodes_CS", "18748-4");
    AddSubject(&report);
    json results = Members();
    if (text_impression_) results.insert(results.begin(), Reference("impression"));
    if (text_findings_) results.insert(results.begin(), Reference("findings"));
    if (!results.empty()) report["result"] = results;
    if (text_impression_) report["conclusion"] = FhirText(sections_.impression());
    return report;
  }

  static json ProfileOf(const std::string& name) {
    return Member("profile", List("http://jpfhir.jp/fhir/core/StructureDefinition/" + name));
  }

  void AddSubject(json* resource) const {
    if (!options_.subject.empty()) (*resource)["subject"] = Member("reference", options_.subject);
  }

  json Observation() const {
    json observation = {{"resourceType", "Observation"}, {"status", "unknown"}};
    observation["category"] = List(Concept(
        "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS", "imaging"));
    AddSubject(&observation);
    return observation;
  }

  json SectionOf(const std::string& name, const char* code, const std::string& text,
                 bool has_members) const {
    json section = Observation();
    section["meta"] = ProfileOf("JP_Observation_Radiology_" + name);
    section["code"] = Concept("http://loinc.org", code);
    section["valueString"] = FhirText(text);
    if (has_members && !report_.findings.empty()) section["hasMember"] = Members();
    return section;
  }

  // Their codes, without what is empty.
  json CodesOf(const Indices& entities) const {
    json codings = json::array();
    for (const std::size_t entity : entities) {
      for (const TermCode& code : report_.entities[entity].codes) {
        json coding = json::object();
        if (!code.system.empty()) coding["system"] = FhirText(code.system);
        if (!code.code.empty()) coding["code"] = FhirText(code.code);
        if (!code.name.empty()) coding["display"] = FhirText(code.name);
        if (!coding.empty()) codings.push_back(coding);
      }
    }
    return codings;
  }

  // Where they stand, and how sure they are.
  json ExtensionsOf(const Indices& entities) const {
    const auto number = [](const char* url, std::size_t value) {
      return json{{"url", url}, {"valueUnsignedInt", ExactJson::Number(std::to_string(value))}};
    };
    json extensions = json::array();
    for (const std::size_t index : entities) {
      const Entity& entity = report_.entities[index];
      json place = List({{"url", "entity"}, {"valueString", "T" + std::to_string(index + 1)}});
      place.push_back(number("start", entity.span.code_points.begin));
      place.push_back(number("end", entity.span.code_points.end));
      extensions.push_back({{"url", "urn:radie:fhir:text-span"}, {"extension", place}});
      const std::string digits = json(Written(entity.confidence)).dump();
      extensions.push_back(
          {{"url", "urn:radie:fhir:confidence"}, {"valueDecimal", ExactJson::Number(digits)}});
    }
    return extensions;
  }

  json ConceptOf(const Indices& entities) const {
    std::string text = report_.entities[entities.front()].text;
    for (std::size_t i = 1; i < entities.size(); ++i) {
      text += "、" + report_.entities[entities[i]].text;
    }
    json mentions = {{"text", FhirText(text)}, {"extension", ExtensionsOf(entities)}};
    const json codes = CodesOf(entities);
    if (!codes.empty()) mentions["coding"] = codes;
    return mentions;
  }

  json ComponentsOf(const Indices& entities) const {
    json components = json::array();
    for (const std::size_t index : entities) {
      const Entity& entity = report_.entities[index];
      json component = {{"extension", ExtensionsOf({index})},
                        {"code", Member("text", FhirText(entity.type))}};
      std::vector<Quantity> lengths;
      if (entity.type == "Size_descriptor") lengths = ParseLengths(entity.text);
      for (const Quantity& length : lengths) {
        component["valueQuantity"] = {{"value", ExactJson::Number(length.value)},
                                      {"unit", length.unit},
                                      {"system", "http://unitsofmeasure.org"},
                                      {"code", length.unit}};
        components.push_back(component);
      }
      if (!lengths.empty()) continue;
      component["valueString"] = FhirText(entity.text);
      components.push_back(component);
    }
    return components;
  }

  json FindingOf(const Finding& finding) const {
    Indices sites, certainties, others;
    for (const std::size_t attribute : finding.attributes) {
      const std::string& type = report_.entities[attribute].type;
      (type == "Anatomical_entity"      ? sites
       : type == "Certainty_descriptor" ? certainties
                                        : others)
          .push_back(attribute);
    }
    json observation = Observation();
    observation["code"] = ConceptOf({finding.object});
    observation["device"] = Reference("device");
    if (!sites.empty()) observation["bodySite"] = ConceptOf(sites);
    if (!certainties.empty()) observation["valueCodeableConcept"] = ConceptOf(certainties);
    if (finding.certainty) {
      json codes = CodesOf(certainties);
      const json said = {{"system", "urn:radie:fhir:certainty"},
                         {"code", ClassOf(finding.certainty->value)}};
      codes.insert(codes.begin(), said);
      observation["valueCodeableConcept"]["coding"] = codes;
    }
    for (const std::size_t sign : finding.evidence) {
      const std::string part = FindingPartOf(sign);
      if (!part.empty()) observation["derivedFrom"].push_back(Reference(part));
    }
    if (!others.empty()) observation["component"] = ComponentsOf(others);
    return observation;
  }

  json DeviceOf() const {
    json device = {{"resourceType", "Device"}};
    device["deviceName"] = List({{"name", "radie"}, {"type", "manufacturer-name"}});
    if (!IsBlank(options_.model_name)) {
      device["deviceName"].push_back(
          {{"name", FhirText(options_.model_name)}, {"type", "model-name"}});
    }
    device["version"] = List(Member("value", RADIE_VERSION_STRING));
    if (!options_.model_sha256.empty()) {
      device["identifier"] =
          List({{"system", "urn:ietf:rfc:3986"},
                {"value", "urn:radie:model:sha256:" + FhirText(options_.model_sha256)}});
    }
    return device;
  }

  json ProvenanceOf() const {
    json provenance = {{"resourceType", "Provenance"}, {"recorded", options_.recorded}};
    for (const std::string& part : parts_) {
      if (part == "device" || part == "provenance") continue;
      provenance["target"].push_back(Reference(part));
    }
    provenance["agent"] = List(Member("who", Reference("device")));
    return provenance;
  }

  const FuzzedReport& made_;
  const StructuredReport& report_;
  const FhirOptions& options_;
  const ExpectedSections sections_;
  const bool text_findings_, text_impression_;  // whether there are such Observations
  std::vector<std::string> parts_;              // what each entry is
  std::map<std::string, std::string> urns_;     // of each part
};

}  // namespace radie::fuzz
