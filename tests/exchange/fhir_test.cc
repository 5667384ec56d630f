#include "radie/fhir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace radie {
namespace {

using Json = nlohmann::json;

Entity Mention(const char* type, std::string text, std::size_t begin, std::size_t end) {
  Entity entity;
  entity.type = type;
  entity.text = std::move(text);
  entity.span.code_points = {begin, end};
  entity.confidence = 0.98765;
  return entity;
}

// 右肺に12mmの結節を認め、肺癌を疑う。
constexpr char kText[] = "【所見】右肺に12mmの結節を認め、\n【診断】肺癌を疑う。";

StructuredReport Sample() {
  StructuredReport report;
  report.entities = {Mention("Anatomical_entity", "右肺", 4, 6),
                     Mention("Size_descriptor", "12mm", 7, 11),
                     Mention("Imaging_observation", "結節", 12, 14),
                     Mention("Certainty_descriptor", "認め", 15, 17),
                     Mention("Characteristics_descriptor", "<充実性>", 0, 1),
                     Mention("Clinical_finding", "肺癌", 23, 25),
                     Mention("Certainty_descriptor", "疑う", 26, 28)};
  report.entities[5].codes = {{"C34", "lung cancer", "urn:icd", "肺癌", true}};
  report.relations = {{"modify", 0, 2}, {"modify", 1, 2},   {"modify", 3, 2},
                      {"modify", 4, 2}, {"evidence", 2, 5}, {"modify", 6, 5}};
  report.findings = {{2, {0, 1, 3, 4}, {}, Certainty{}},
                     {5, {6}, {2}, Certainty{CertaintyClass::kLikely, 0.9, {6}}}};
  return report;
}

Json Bundle(const FhirOptions& options = {}) {
  return Json::parse(ToFhir("r1", kText, Sample(), options));
}

// The resources of one type, in order.
std::vector<Json> Resources(const Json& bundle, const std::string& type) {
  std::vector<Json> found;
  for (const Json& entry : bundle["entry"]) {
    if (entry["resource"]["resourceType"] == type) found.push_back(entry["resource"]);
  }
  return found;
}

// FHIR has no empty strings, and no empty objects.
TEST(Fhir, WhatACodeLacksIsLeftOut) {
  StructuredReport report = Sample();
  report.entities[5].codes = {{"", "lung cancer", "", "肺癌", true}, {"", "", "", "肺", false}};
  const Json bundle = Json::parse(ToFhir("r1", kText, report));
  EXPECT_EQ(Resources(bundle, "Observation").at(3)["code"]["coding"],
            Json::array({{{"display", "lung cancer"}}}));
  report.entities[5].codes.erase(report.entities[5].codes.begin());
  const Json without = Json::parse(ToFhir("r1", kText, report));
  EXPECT_FALSE(Resources(without, "Observation").at(3)["code"].contains("coding"));
}

TEST(Fhir, ReportAndSectionsCarryTheProfilesCodes) {
  const Json bundle = Bundle();
  EXPECT_EQ(bundle["type"], "collection");
  const Json report = Resources(bundle, "DiagnosticReport").at(0);
  EXPECT_EQ(report["meta"]["profile"][0],
            "http://jpfhir.jp/fhir/core/StructureDefinition/JP_DiagnosticReport_Radiology");
  EXPECT_EQ(report["category"][0]["coding"][0]["code"], "LP29684-5");
  EXPECT_EQ(report["category"][1]["coding"][0]["code"], "CT");
  EXPECT_EQ(report["code"]["coding"][0]["code"], "18748-4");
  EXPECT_EQ(report["conclusion"], "【診断】肺癌を疑う。");
  EXPECT_FALSE(report.contains("subject"));
  const std::vector<Json> observations = Resources(bundle, "Observation");
  ASSERT_EQ(observations.size(), 4u);
  EXPECT_EQ(observations[0]["code"]["coding"][0],
            Json({{"system", "http://loinc.org"}, {"code", "18782-3"}}));
  EXPECT_EQ(observations[0]["valueString"], "【所見】右肺に12mmの結節を認め、\n");
  EXPECT_EQ(observations[0]["category"][0]["coding"][0]["code"], "imaging");
  EXPECT_EQ(observations[0]["hasMember"].size(), 2u);
  EXPECT_EQ(observations[1]["code"]["coding"][0]["code"], "19005-8");
  EXPECT_FALSE(observations[1].contains("hasMember"));
}

TEST(Fhir, AFindingHasItsAttributesInTheirPlaces) {
  const Json bundle = Bundle();
  const std::vector<Json> observations = Resources(bundle, "Observation");
  const Json& nodule = observations[2];
  EXPECT_EQ(nodule["code"]["text"], "結節");
  EXPECT_EQ(nodule["bodySite"]["text"], "右肺");
  EXPECT_EQ(nodule["valueCodeableConcept"]["text"], "認め");
  ASSERT_EQ(nodule["component"].size(), 2u);
  EXPECT_EQ(nodule["component"][0]["valueQuantity"], Json({{"value", 12},
                                                           {"unit", "mm"},
                                                           {"system", "http://unitsofmeasure.org"},
                                                           {"code", "mm"}}));
  EXPECT_EQ(nodule["component"][1]["code"]["text"], "Characteristics_descriptor");
  EXPECT_EQ(nodule["component"][1]["valueString"], "<充実性>");
  const Json& cancer = observations[3];
  EXPECT_EQ(cancer["valueCodeableConcept"]["text"], "疑う");
  EXPECT_EQ(cancer["valueCodeableConcept"]["coding"][0],
            Json({{"system", "urn:radie:fhir:certainty"}, {"code", "likely"}}));
  EXPECT_EQ(cancer["code"]["coding"][0],
            Json({{"system", "urn:icd"}, {"code", "C34"}, {"display", "lung cancer"}}));
  EXPECT_EQ(cancer["derivedFrom"][0]["reference"], bundle["entry"][3]["fullUrl"]);
  EXPECT_EQ(bundle["entry"][3]["resource"], nodule);
}

// Which digits are written: a parser takes 3.50 for 3.5, and FHIR gives them a meaning.
TEST(Fhir, NumbersKeepTheirDigits) {
  StructuredReport report = Sample();
  const auto holds = [&](const std::string& text) {
    return ToFhir("r1", kText, report).find(text) != std::string::npos;
  };
  report.entities[1].text = "3.50cm";
  EXPECT_TRUE(holds(R"("valueQuantity":{"value":3.50,"unit":"cm")"));
  report.entities[1].text = "１０．０ｍｍ";
  EXPECT_TRUE(holds(R"("valueQuantity":{"value":10.0,"unit":"mm")"));
  for (const auto& [confidence, digits] :
       {std::pair(1.0, "1.0"), std::pair(0.5, "0.5"), std::pair(0.0, "0.0"),
        std::pair(0.98765, "0.9877"), std::pair(0.99996, "1.0"), std::pair(0.1204, "0.1204"),
        std::pair(std::nan(""), "0.0")}) {
    report.entities[2].confidence = confidence;
    EXPECT_TRUE(holds(std::string(R"("valueDecimal":)") + digits + "}")) << confidence;
  }
}

// As a program may put a report together; AssembleFindings makes one finding an object.
TEST(Fhir, FindingsOfOneObjectAreObservationsOfTheirOwn) {
  StructuredReport report = Sample();
  report.findings.push_back({2, {1}, {}, std::nullopt});
  const Json bundle = Json::parse(ToFhir("r1", kText, report));
  const std::vector<Json> observations = Resources(bundle, "Observation");
  ASSERT_EQ(observations.size(), 5u);
  const Json& members = observations[0]["hasMember"];
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0]["reference"], bundle["entry"][3]["fullUrl"]);
  EXPECT_EQ(members[2]["reference"], bundle["entry"][5]["fullUrl"]);
  EXPECT_EQ(observations[3]["derivedFrom"][0], members[0]);
  EXPECT_EQ(Resources(bundle, "DiagnosticReport").at(0)["result"].size(), 5u);
}

TEST(Fhir, SpansAndConfidenceAreExtensions) {
  const Json concept_of = Resources(Bundle(), "Observation").at(2)["code"];
  const Json& span = concept_of["extension"][0];
  EXPECT_EQ(span["url"], "urn:radie:fhir:text-span");
  EXPECT_EQ(span["extension"][0]["valueString"], "T3");
  EXPECT_EQ(span["extension"][1]["valueUnsignedInt"], 12);
  EXPECT_EQ(span["extension"][2]["valueUnsignedInt"], 14);
  EXPECT_EQ(concept_of["extension"][1]["valueDecimal"], 0.9877);
}

TEST(Fhir, OptionsNameThePatientTheInstantAndTheModel) {
  const Json bundle = Bundle({.transaction = true,
                              .subject = "Patient/p-1",
                              .recorded = "2026-01-31T12:00:00.5+09:00",
                              .model_name = "radie-demo",
                              .model_sha256 = std::string(64, 'a')});
  EXPECT_EQ(bundle["type"], "transaction");
  for (const Json& entry : bundle["entry"]) {
    EXPECT_EQ(entry["request"],
              Json({{"method", "POST"}, {"url", entry["resource"]["resourceType"]}}));
  }
  EXPECT_EQ(Resources(bundle, "DiagnosticReport").at(0)["subject"]["reference"], "Patient/p-1");
  const Json device = Resources(bundle, "Device").at(0);
  EXPECT_EQ(device["deviceName"][1]["name"], "radie-demo");
  EXPECT_EQ(device["identifier"][0]["value"], "urn:radie:model:sha256:" + std::string(64, 'a'));
  const Json provenance = Resources(bundle, "Provenance").at(0);
  EXPECT_EQ(provenance["recorded"], "2026-01-31T12:00:00.5+09:00");
  EXPECT_EQ(provenance["target"].size(), 5u);
  EXPECT_TRUE(Resources(Bundle(), "Provenance").empty());
}

TEST(Fhir, RefusesWhatIsNoReferenceOrInstant) {
  EXPECT_THROW(Bundle({.subject = "Patient/\"><"}), Error);
  for (const char* instant :
       {"2026-01-31", "now", "2026-01-31T12:00:00", "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+9", "2026-01-31T12:00:00.5", " 2026-01-31T12:00:00Z",
        "2026-13-31T12:00:00Z", "2026-00-31T12:00:00Z", "2026-01-00T12:00:00Z",
        "2026-02-29T12:00:00Z", "0000-01-31T12:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z", "2026-01-31T12:00:00+14:01",
        "2026-01-31T12:00:00-15:00", "2026-01-31T12:00:00+09:60"}) {
    EXPECT_THROW(Bundle({.recorded = instant}), Error) << instant;
  }
  for (const char* instant :
       {"2024-02-29T23:59:60Z", "2026-12-31T00:00:00.123456-14:00", "2026-01-31T12:00:00+13:59"}) {
    EXPECT_NO_THROW(Bundle({.recorded = instant})) << instant;
  }
  StructuredReport broken = Sample();
  broken.findings[0].object = 99;
  EXPECT_THROW(ToFhir("r1", kText, broken), Error);
}

TEST(Fhir, HostileTextStaysText) {
  StructuredReport report;
  const std::string text("<script>\x01\xFF", 10);
  report.entities = {Mention("Imaging_observation", text, 0, 10)};
  report.findings = {{0, {}, {}}};
  const Json bundle =
      Json::parse(ToFhir(text, text, report));  // valid JSON and UTF-8, or it throws
  const std::string cleaned = "<script>\uFFFD\uFFFD";
  EXPECT_EQ(Resources(bundle, "Observation").at(0)["valueString"], cleaned);
  EXPECT_NE(Resources(bundle, "DiagnosticReport")
                .at(0)["text"]["div"]
                .get<std::string>()
                .find("&lt;script&gt;"),
            std::string::npos);
}

TEST(Fhir, ABlankReportHasNoNarrative) {
  for (const char* text : {"", " \r\n"}) {
    const Json bundle = Json::parse(ToFhir("r1", text, StructuredReport()));
    EXPECT_FALSE(Resources(bundle, "DiagnosticReport").at(0).contains("text"));
  }
}

TEST(Fhir, CodesOfEveryMentionStay) {
  StructuredReport report = Sample();
  report.entities[0].codes = {{"R", "right lung", "urn:a", "右肺", true}};
  report.entities[1].type = "Anatomical_entity";
  report.entities[1].codes = {{"U", "upper lobe", "urn:a", "上葉", true}};
  report.entities[3].codes = {{"P", "present", "urn:c", "認め", true}};
  const Json nodule = Resources(Json::parse(ToFhir("r1", kText, report)), "Observation").at(2);
  EXPECT_EQ(nodule["bodySite"]["coding"],
            Json::array({{{"system", "urn:a"}, {"code", "R"}, {"display", "right lung"}},
                         {{"system", "urn:a"}, {"code", "U"}, {"display", "upper lobe"}}}));
  const Json codings = nodule["valueCodeableConcept"]["coding"];
  ASSERT_EQ(codings.size(), 2u);
  EXPECT_EQ(codings[0]["system"], "urn:radie:fhir:certainty");
  EXPECT_EQ(codings[1]["code"], "P");
}

// Ids are kept by receivers: they must not change from version to version.
TEST(Fhir, IdsStayThose) {
  EXPECT_EQ(Bundle()["entry"][0]["fullUrl"], "urn:uuid:efee50d4-e06b-8ad5-bba7-15bf696b6bdb");
  const Json bundle = Json::parse(ToFhir(std::string(1000, 'x'), kText, Sample()));
  EXPECT_EQ(bundle["entry"][0]["fullUrl"], "urn:uuid:280592a5-0cd8-8d65-8736-7591c845cb95");
}

TEST(Fhir, ALongIdIsReadOnce) {
  StructuredReport report;
  for (std::size_t i = 0; i < 2'000; ++i) {
    report.entities.push_back(Mention("Imaging_observation", "結節", 12, 14));
    report.findings.push_back({i, {}, {}});
  }
  const auto begin = std::chrono::steady_clock::now();
  ToFhir(std::string(2'000'000, 'x'), kText, report);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Fhir, AFailureIsAnOperationOutcome) {
  const Json outcome = Json::parse(ErrorToFhir("r1", Error(ErrorCode::kLimitExceeded, "too long")));
  EXPECT_EQ(outcome["issue"][0]["code"], "too-long");
  EXPECT_EQ(outcome["issue"][0]["details"]["text"], "limit_exceeded");
  EXPECT_EQ(outcome["issue"][0]["diagnostics"], "r1: too long");
  EXPECT_EQ(Json::parse(ErrorToFhir(std::nullopt, Error(ErrorCode::kInvalidInput, "no JSON"),
                                    3))["issue"][0]["diagnostics"],
            "line 3: no JSON");
  // FHIR has no empty strings.
  const Json silent = Json::parse(ErrorToFhir(std::nullopt, Error(ErrorCode::kInternal, "")));
  EXPECT_EQ(
      silent["issue"][0],
      Json({{"severity", "error"}, {"code", "exception"}, {"details", {{"text", "internal"}}}}));
}

}  // namespace
}  // namespace radie
