// Any report as a JSON record, a FHIR Bundle and a table: an independent parser finds in them what
// the report holds.
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "fuzz.h"
#include "made_report_fuzz.h"
#include "radie/fhir.h"
#include "radie/writer.h"

namespace radie::fuzz {
namespace {

using nlohmann::json;

void CheckEntities(const json& record, const FuzzedReport& made, OffsetUnit unit) {
  const auto& entities = made.report.entities;
  ASSERT_EQ(record["entities"].size(), entities.size());
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const json& entity = record["entities"][i];
    ASSERT_EQ(entity["id"], "T" + std::to_string(i + 1));
    ASSERT_EQ(Repaired(entity["type"].get<std::string>()), Repaired(entities[i].type));
    ASSERT_EQ(entity["text"], entities[i].text);
    ASSERT_EQ(entity["start"], entities[i].span.In(unit).begin);
    ASSERT_EQ(entity["end"], entities[i].span.In(unit).end);
    ASSERT_NEAR(entity["confidence"].get<double>(), entities[i].confidence, 1e-4);
    ASSERT_EQ(entity.contains("codes") ? entity["codes"].size() : 0, entities[i].codes.size());
  }
}

void CheckRecord(const FuzzedReport& made, OffsetUnit unit) {
  const std::string line = ToJson(made.id, made.text, made.report, {unit, true, nullptr});
  ASSERT_EQ(line.find('\n'), line.npos);
  const json record = json::parse(line);
  ASSERT_EQ(Repaired(record["id"].get<std::string>()), Repaired(made.id));
  ASSERT_EQ(record["text"], made.text);
  CheckEntities(record, made, unit);
  ASSERT_EQ(record["relations"].size(), made.report.relations.size());
  for (std::size_t i = 0; i < made.report.relations.size(); ++i) {
    const Relation& relation = made.report.relations[i];
    ASSERT_EQ(Repaired(record["relations"][i]["type"].get<std::string>()), Repaired(relation.type));
    ASSERT_EQ(record["relations"][i]["head"], "T" + std::to_string(relation.head + 1));
    ASSERT_EQ(record["relations"][i]["tail"], "T" + std::to_string(relation.tail + 1));
  }
  ASSERT_EQ(record["findings"].size(), made.report.findings.size());
  ASSERT_EQ(record["warnings"].size(), made.report.warnings.size());
}

// FHIR's strings hold no controls but tab, LF and CR, and are not empty.
void CheckStrings(const json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    ASSERT_FALSE(text.empty());
    for (const char c : text) {
      const bool fine =
          static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
      ASSERT_TRUE(fine);
    }
  } else if (value.is_structured()) {
    ASSERT_FALSE(value.empty());
    for (const auto& item : value) CheckStrings(item);
  }
}

void CollectReferences(const json& value, std::set<std::string>* references) {
  if (value.is_object() && value.contains("reference")) {
    references->insert(value["reference"].get<std::string>());
  }
  if (!value.is_structured()) return;
  for (const auto& item : value) CollectReferences(item, references);
}

void CheckBundle(const FuzzedReport& made, bool transaction) {
  FhirOptions options;
  options.transaction = transaction;
  if (transaction) options.subject = "Patient/1", options.recorded = "2026-01-31T12:00:00Z";
  const std::string line = ToFhir(made.id, made.text, made.report, options);
  ASSERT_EQ(line.find('\n'), line.npos);
  const json bundle = json::parse(line);
  ASSERT_EQ(bundle["resourceType"], "Bundle");
  ASSERT_EQ(bundle["type"], transaction ? "transaction" : "collection");
  CheckStrings(bundle);
  std::set<std::string> known = {options.subject}, references;
  for (const json& entry : bundle["entry"]) {
    ASSERT_TRUE(known.insert(entry["fullUrl"].get<std::string>()).second);
  }
  CollectReferences(bundle, &references);
  for (const std::string& reference : references) {
    ASSERT_TRUE(known.count(reference) == 1) << reference;
  }
}

void CheckTable(const FuzzedReport& made) {
  const std::string table = ToTable(made.id, made.report, {40 + made.text.size() % 80, false});
  ASSERT_FALSE(table.empty());
  ASSERT_EQ(table.back(), '\n');
  ASSERT_EQ(WellFormed(table, table.size()), table);
  for (const char c : table) {
    ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    ASSERT_NE(c, 0x7F);
  }
}

}  // namespace

RADIE_FUZZ_TARGET(write_json) {
  Input input(bytes);
  const std::uint8_t settings = input.Byte();
  const FuzzedReport made = ReportOf(&input);
  if ((settings & 8) != 0) return CheckBundle(made, (settings & 4) != 0);
  CheckRecord(made, static_cast<OffsetUnit>(settings % 3));
  CheckTable(made);
  // A message ends with the first NUL.
  const std::string message = Repaired(made.id.substr(0, made.id.find('\0')));
  const Error error(ErrorCode::kInvalidText, message, settings);
  const json record = json::parse(ErrorToJson(made.id, error, settings));
  ASSERT_EQ(record["error"]["message"], message);
  ASSERT_EQ(json::parse(ErrorToFhir(made.id, error))["resourceType"], "OperationOutcome");
}

}  // namespace radie::fuzz
