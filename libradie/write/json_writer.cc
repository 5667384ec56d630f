// The JSON record of docs/output.md. Written by hand: a fixed order of keys, no third-party type,
// one pass.
#include <vector>

#include "libradie/base/json_string.h"
#include "libradie/base/report_check.h"
#include "libradie/write/attributes_by_type.h"
#include "libradie/write/json_text.h"
#include "radie/writer.h"

namespace radie {
namespace {

std::string_view UnitName(OffsetUnit unit) {
  switch (unit) {
    case OffsetUnit::kUtf8:
      return "utf8";
    case OffsetUnit::kUtf16:
      return "utf16";
    case OffsetUnit::kCodePoint:
      break;
  }
  return "codepoint";
}

// Ids are a letter and a number: nothing to escape.
void AppendId(std::string& out, char letter, std::size_t index) {
  out += '"';
  out += letter;
  AppendJsonNumber(out, index + 1);
  out += '"';
}

void AppendEntityIds(std::string& out, const std::vector<std::size_t>& indices) {
  out += '[';
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (i > 0) out += ',';
    AppendId(out, 'T', indices[i]);
  }
  out += ']';
}

template <typename Items, typename Append>
void AppendArray(std::string& out, std::string_view key, const Items& items, Append append) {
  out += ",\"";
  out += key;
  out += "\":[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append(i, items[i]);
  }
  out += ']';
}

void AppendCode(std::string& out, const TermCode& code) {
  out += "{\"code\":";
  AppendJsonString(out, code.code);
  out += ",\"name\":";
  AppendJsonString(out, code.name);
  if (!code.system.empty()) {
    out += ",\"system\":";
    AppendJsonString(out, code.system);
  }
  out += ",\"term\":";
  AppendJsonString(out, code.term);
  out += code.whole ? ",\"whole\":true}" : ",\"whole\":false}";
}

Range OffsetsOf(const TextSpan& span, const JsonOptions& options) {
  return options.source != nullptr ? options.source->ToSource(span.utf8) : span.In(options.unit);
}

void AppendEntity(std::string& out, std::size_t index, const Entity& entity,
                  const JsonOptions& options) {
  const Range range = OffsetsOf(entity.span, options);
  out += "{\"id\":";
  AppendId(out, 'T', index);
  out += ",\"type\":";
  AppendJsonString(out, entity.type);
  out += ",\"start\":";
  AppendJsonNumber(out, range.begin);
  out += ",\"end\":";
  AppendJsonNumber(out, range.end);
  out += ",\"text\":";
  AppendJsonString(out, entity.text);
  out += ",\"confidence\":";
  AppendConfidence(out, entity.confidence);
  if (!entity.codes.empty()) {
    AppendArray(out, "codes", entity.codes,
                [&](std::size_t, const TermCode& code) { AppendCode(out, code); });
  }
  out += '}';
}

void AppendRelation(std::string& out, std::size_t index, const Relation& relation) {
  out += "{\"id\":";
  AppendId(out, 'R', index);
  out += ",\"type\":";
  AppendJsonString(out, relation.type);
  out += ",\"head\":";
  AppendId(out, 'T', relation.head);
  out += ",\"tail\":";
  AppendId(out, 'T', relation.tail);
  out += ",\"confidence\":";
  AppendConfidence(out, relation.confidence);
  out += '}';
}

void AppendCertainty(std::string& out, const Certainty& certainty) {
  out += ",\"certainty\":{\"class\":\"";
  out += CertaintyName(certainty.value);
  out += "\",\"confidence\":";
  AppendConfidence(out, certainty.confidence);
  out += ",\"sources\":";
  AppendEntityIds(out, certainty.sources);
  out += '}';
}

void AppendFinding(std::string& out, const Finding& finding, const std::vector<Entity>& entities) {
  const Entity& object = entities[finding.object];
  out += "{\"object\":";
  AppendId(out, 'T', finding.object);
  out += ",\"type\":";
  AppendJsonString(out, object.type);
  out += ",\"text\":";
  AppendJsonString(out, object.text);
  if (finding.certainty) AppendCertainty(out, *finding.certainty);
  out += ",\"attributes\":{";
  bool first = true;
  for (const auto& [type, indices] : GroupByType(entities, finding.attributes)) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(out, type);
    out += ':';
    AppendEntityIds(out, indices);
  }
  out += "},\"evidence\":";
  AppendEntityIds(out, finding.evidence);
  out += '}';
}

void AppendWarning(std::string& out, const Warning& warning) {
  out += "{\"code\":";
  AppendJsonString(out, warning.code);
  out += ",\"message\":";
  AppendJsonString(out, warning.message);
  out += '}';
}

}  // namespace

std::string ToJson(std::string_view id, std::string_view text, const StructuredReport& report,
                   const JsonOptions& options) {
  CheckIndices(report);
  std::string out = "{\"id\":";
  AppendJsonString(out, id);
  if (options.include_text) {
    out += ",\"text\":";
    AppendJsonString(out, text);
  }
  out += ",\"offset_unit\":\"";
  if (options.source != nullptr) {
    out += "source\",\"encoding\":\"";
    out += EncodingName(options.source->encoding());
  } else {
    out += UnitName(options.unit);
  }
  out += '"';
  AppendArray(out, "entities", report.entities,
              [&](std::size_t i, const Entity& entity) { AppendEntity(out, i, entity, options); });
  AppendArray(out, "relations", report.relations,
              [&](std::size_t i, const Relation& relation) { AppendRelation(out, i, relation); });
  AppendArray(out, "findings", report.findings, [&](std::size_t, const Finding& finding) {
    AppendFinding(out, finding, report.entities);
  });
  AppendArray(out, "warnings", report.warnings,
              [&](std::size_t, const Warning& warning) { AppendWarning(out, warning); });
  out += '}';
  return out;
}

std::string ErrorToJson(std::optional<std::string_view> id, const Error& error,
                        std::optional<std::size_t> line) {
  std::string out = "{\"id\":";
  if (id) {
    AppendJsonString(out, *id);
  } else {
    out += "null";
  }
  if (line) {
    out += ",\"line\":";
    AppendJsonNumber(out, *line);
  }
  out += ",\"error\":{\"code\":";
  AppendJsonString(out, ErrorCodeName(error.code()));
  out += ",\"message\":";
  AppendJsonString(out, error.what());
  if (error.offset()) {
    out += ",\"offset\":";
    AppendJsonNumber(out, *error.offset());
  }
  out += "}}";
  return out;
}

}  // namespace radie
