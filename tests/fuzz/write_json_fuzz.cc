// Any report as a JSON record, a FHIR Bundle and a table: independent readers find in them what the
// report holds, and nothing else.
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bundle_check.h"
#include "exact_json.h"
#include "fuzz.h"
#include "libradie/base/utf8.h"
#include "made_report_fuzz.h"
#include "radie/charset.h"
#include "radie/fhir.h"
#include "radie/writer.h"
#include "table_check.h"

namespace radie::fuzz {
namespace {

using nlohmann::ordered_json;

// Of an input's first byte. The lowest bits tell a unit, or a kind of Bundle; a Bundle's Device
// names a model with kSource.
constexpr std::uint8_t kTransaction = 4, kBundle = 8, kBare = 0x10, kSource = 0x20,
                       kBigEndian = 0x40, kNoId = 0x80;

// With keys and strings as they can be compared. Of keys that are the same then, parsers keep the
// last one's value, and so does this.
ordered_json Comparable(const ordered_json& value) {
  if (value.is_string()) return Repaired(value.get<std::string>());
  ordered_json comparable = value;
  if (value.is_array()) {
    for (ordered_json& item : comparable) item = Comparable(item);
  } else if (value.is_object()) {
    comparable.clear();
    for (const auto& item : value.items())
      comparable[Repaired(item.key())] = Comparable(item.value());
  }
  return comparable;
}

std::string IdOf(char letter, std::size_t index) { return letter + std::to_string(index + 1); }

ordered_json IdsOf(const std::vector<std::size_t>& entities) {
  ordered_json ids = ordered_json::array();
  for (const std::size_t entity : entities) ids.push_back(IdOf('T', entity));
  return ids;
}

ordered_json EntityOf(const Entity& entity, std::size_t index, const Range& range) {
  ordered_json expected = {{"id", IdOf('T', index)}, {"type", entity.type},
                           {"start", range.begin},   {"end", range.end},
                           {"text", entity.text},    {"confidence", Written(entity.confidence)}};
  for (const TermCode& code : entity.codes) {
    ordered_json term = {{"code", code.code}, {"name", code.name}};
    if (!code.system.empty()) term["system"] = code.system;
    term["term"] = code.term, term["whole"] = code.whole;
    expected["codes"].push_back(term);
  }
  return expected;
}

ordered_json FindingOf(const Finding& finding, const std::vector<Entity>& entities) {
  ordered_json expected = {{"object", IdOf('T', finding.object)},
                           {"type", entities[finding.object].type},
                           {"text", entities[finding.object].text}};
  if (finding.certainty) {
    expected["certainty"] = {{"class", ClassOf(finding.certainty->value)},
                             {"confidence", Written(finding.certainty->confidence)},
                             {"sources", IdsOf(finding.certainty->sources)}};
  }
  ordered_json by_type = ordered_json::object();
  for (const std::size_t attribute : finding.attributes) {
    by_type[entities[attribute].type].push_back(IdOf('T', attribute));
  }
  ordered_json& attributes = expected["attributes"] = ordered_json::object();
  // Types that differ in broken bytes alone may become one key, of which a parser keeps the first
  // place and the last value.
  for (const auto& item : by_type.items()) {
    attributes[WellFormed(item.key(), item.key().size())] = item.value();
  }
  expected["evidence"] = IdsOf(finding.evidence);
  return expected;
}

// `head` is what stands before the entities; source offsets count two bytes a unit of UTF-16.
ordered_json RecordOf(const FuzzedReport& made, ordered_json head, OffsetUnit unit, bool source) {
  const StructuredReport& report = made.report;
  for (const char* key : {"entities", "relations", "findings", "warnings"}) {
    head[key] = ordered_json::array();
  }
  for (std::size_t i = 0; i < report.entities.size(); ++i) {
    const Range& units = report.entities[i].span.In(source ? OffsetUnit::kUtf16 : unit);
    const Range range = source ? Range{2 * units.begin, 2 * units.end} : units;
    head["entities"].push_back(EntityOf(report.entities[i], i, range));
  }
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    const Relation& relation = report.relations[i];
    head["relations"].push_back({{"id", IdOf('R', i)},
                                 {"type", relation.type},
                                 {"head", IdOf('T', relation.head)},
                                 {"tail", IdOf('T', relation.tail)},
                                 {"confidence", Written(relation.confidence)}});
  }
  for (const Finding& finding : report.findings) {
    head["findings"].push_back(FindingOf(finding, report.entities));
  }
  for (const Warning& warning : report.warnings) {
    head["warnings"].push_back({{"code", warning.code}, {"message", warning.message}});
  }
  return head;
}

// The same behind a byte order mark, which UTF-16 needs.
FuzzedReport BehindMark(FuzzedReport made) {
  made.text.insert(0, "\uFEFF");
  for (Entity& entity : made.report.entities) {
    TextSpan& span = entity.span;
    span.utf8.begin += 3, span.utf8.end += 3;
    for (Range* range : {&span.code_points, &span.utf16}) ++range->begin, ++range->end;
  }
  return made;
}

std::string Utf16BytesOf(const std::string& text, bool big_endian) {
  std::string bytes;
  const auto append = [&](char32_t unit) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = NextCodePoint(text, &at);
    if (character > 0xFFFF) append(0xD7C0 + (character >> 10));
    append(character > 0xFFFF ? 0xDC00 | (character & 0x3FF) : character);
  }
  return bytes;
}

void CheckRecord(const FuzzedReport& fuzzed, std::uint8_t settings) {
  static constexpr const char* kUnits[] = {"utf8", "codepoint", "utf16"};
  const bool source = (settings & kSource) != 0;
  const FuzzedReport made = source ? BehindMark(fuzzed) : fuzzed;
  std::optional<DecodedText> decoded;
  JsonOptions options{static_cast<OffsetUnit>(settings % 3), (settings & kBare) == 0, nullptr};
  if (source) {
    decoded = DecodeText(Utf16BytesOf(made.text, (settings & kBigEndian) != 0), Encoding::kUtf16);
    options.source = &*decoded;
  }
  const std::string line = ToJson(made.id, made.text, made.report, options);
  ASSERT_EQ(line.find('\n'), line.npos);
  const ordered_json record = ordered_json::parse(line);
  if (options.include_text) {
    ASSERT_EQ(record["text"], made.text);
  }
  for (std::size_t i = 0; i < made.report.entities.size(); ++i) {
    ASSERT_EQ(record["entities"][i]["text"], made.report.entities[i].text);
  }
  ordered_json head = {{"id", made.id}};
  if (options.include_text) head["text"] = made.text;
  head["offset_unit"] = source ? "source" : kUnits[static_cast<int>(options.unit)];
  if (source) head["encoding"] = "utf-16";
  ASSERT_EQ(Comparable(record).dump(),
            Comparable(RecordOf(made, head, options.unit, source)).dump());
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

void CheckOutcome(const std::optional<std::string>& id, const Error& error,
                  std::optional<std::size_t> line) {
  std::string told = FhirText(error.what());
  if (id) told.insert(0, FhirText(*id) + ": ");
  if (!id && line) told.insert(0, "line " + std::to_string(*line) + ": ");
  const char* code = "invalid";
  if (error.code() == ErrorCode::kLimitExceeded) code = "too-long";
  if (error.code() == ErrorCode::kInternal) code = "exception";
  const json details = {{"text", ErrorCodeName(error.code())}};
  json issue = {{"severity", "error"}, {"code", code}, {"details", details}};
  if (!told.empty()) issue["diagnostics"] = told;
  const json outcome = ExactJson::Read(ErrorToFhir(id, error, line));
  ASSERT_TRUE(outcome.is_object());
  CheckStrings(outcome);
  ExpectSameJson({{"resourceType", "OperationOutcome"}, {"issue", json::array({issue})}}, outcome,
                 "OperationOutcome");
}

void CheckError(const std::string& id, std::uint8_t settings) {
  // A message ends with the first NUL.
  const std::string message = Repaired(id.substr(0, id.find('\0')));
  std::optional<std::string> name;
  std::optional<std::size_t> line, offset;
  if ((settings & kNoId) == 0) name = id;
  if ((settings & kBare) == 0) line = settings;
  if ((settings & kSource) == 0) offset = 1 + settings;
  const Error error(static_cast<ErrorCode>(settings % 10), message, offset);
  ordered_json expected = {{"id", nullptr}};
  if (name) expected["id"] = *name;
  if (line) expected["line"] = *line;
  expected["error"] = {{"code", ErrorCodeName(error.code())}, {"message", message}};
  if (offset) expected["error"]["offset"] = *offset;
  const std::string written = ErrorToJson(name, error, line);
  ASSERT_EQ(Comparable(ordered_json::parse(written)).dump(), Comparable(expected).dump());
  CheckOutcome(name, error, line);
}

// The types that stand for no type of FHIR's become sizes, half of them with a size for a text.
FuzzedReport WithSizes(FuzzedReport made) {
  static constexpr const char* kSizes[] = {"12mm", "長径約００７.50㎜大", "3.50×20 x 0.125cm",
                                           "10mm以下", "000000000012cm"};
  for (Entity& entity : made.report.entities) {
    if (entity.type == "B-x") entity.text = kSizes[entity.span.utf8.end % std::size(kSizes)];
    if (entity.type == "B-x" || entity.type == "x") entity.type = "Size_descriptor";
  }
  return made;
}

void CheckBundle(const FuzzedReport& made, std::uint8_t settings) {
  FhirOptions options;
  options.transaction = (settings & kTransaction) != 0;
  if (options.transaction) options.subject = "Patient/1", options.recorded = "2026-01-31T12:00:00Z";
  if ((settings & kSource) != 0) options.model_name = options.model_sha256 = made.id;
  const std::string line = ToFhir(made.id, made.text, made.report, options);
  ASSERT_EQ(line.find('\n'), line.npos);
  const json bundle = ExactJson::Read(line);
  ASSERT_TRUE(bundle.is_object()) << line;
  CheckStrings(bundle);
  BundleCheck(made, options).Run(bundle);
}

void CheckTable(const FuzzedReport& made) {
  const TableOptions options{40 + made.text.size() % 80, false};
  const std::string table = ToTable(made.id, made.report, options);
  for (const char c : table) {
    ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    ASSERT_NE(c, 0x7F);
  }
  TableCheck(made, options).Run(table);
}

}  // namespace

RADIE_FUZZ_TARGET(write_json) {
  Input input(bytes);
  const std::uint8_t settings = input.Byte();
  const FuzzedReport made = ReportOf(&input);
  if ((settings & kBundle) != 0) return CheckBundle(WithSizes(made), settings);
  CheckRecord(made, settings);
  CheckTable(made);
  CheckError(made.id, settings);
}

}  // namespace radie::fuzz
