#include "tools/annotated_record.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace radie::tools {
namespace {

using nlohmann::json;

[[noreturn]] void Refuse(const std::string& message,
                         std::optional<std::size_t> offset = std::nullopt) {
  throw Error(ErrorCode::kInvalidInput, message, offset);
}

// The JSON library's own messages quote the input, so they are not passed on; only the position is.
json ParseJson(std::string_view line) {
  try {
    return json::parse(line.begin(), line.end());
  } catch (const json::parse_error& error) {
    const std::size_t offset = std::min(error.byte > 0 ? error.byte - 1 : 0, line.size());
    Refuse("the line is not valid JSON (RFC 8259, UTF-8): see the byte at offset " +
               std::to_string(offset),
           offset);
  } catch (const json::exception&) {
    Refuse("the line is not valid JSON: a number is out of range");
  }
}

const json& Member(const json& object, const char* key, std::string_view where) {
  const auto found = object.find(key);
  if (found == object.end()) Refuse(std::string(where) + key + ": missing");
  return *found;
}

std::string StringMember(const json& object, const char* key, const std::string& where) {
  const json& value = Member(object, key, where);
  if (!value.is_string()) Refuse(where + key + ": must be a string");
  return value.get<std::string>();
}

std::size_t OffsetMember(const json& object, const char* key, const std::string& where) {
  const json& value = Member(object, key, where);
  if (!value.is_number_unsigned()) Refuse(where + key + ": must be an integer of 0 or more");
  return value.get<std::size_t>();
}

// A string, or the digits of a number. Nothing for null. Numbers that JSON's double cannot hold
// exactly are refused: two ids must not fall together.
std::optional<std::string> IdOf(const json& object, const std::string& where) {
  const auto found = object.find("id");
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  const bool exact =
      found->is_number_integer() ||
      (found->is_number_float() && std::fabs(found->get<double>()) < 9007199254740992.0);
  if (!exact) Refuse(where + "id: must be a string or a number of at most 64 bits");
  return found->dump();
}

std::optional<double> ConfidenceOf(const json& object, const std::string& where) {
  const auto found = object.find("confidence");
  if (found == object.end()) return std::nullopt;
  const double value = found->is_number() ? found->get<double>() : -1;
  if (!(value >= 0 && value <= 1)) Refuse(where + "confidence: must be a number from 0 to 1");
  return value;
}

CertaintyClass ClassMember(const json& object, const char* key, const std::string& where) {
  const auto value = CertaintyFromName(StringMember(object, key, where));
  if (!value) {
    Refuse(where + key + ": must be definite, likely, may_represent, unlikely or denial");
  }
  return *value;
}

const json& ArrayMember(const json& record, const char* key) {
  const json& value = Member(record, key, "");
  if (!value.is_array()) Refuse(std::string(key) + ": must be an array");
  return value;
}

std::string Place(const char* key, std::size_t index) {
  return std::string(key) + "[" + std::to_string(index) + "]";
}

// "findings" as radie writes them: {"object": ID, "certainty": {"class": NAME, …}, …}. What an
// entity says itself goes first.
void ReadCertainties(const json& record, std::vector<RecordEntity>& entities) {
  const json& items = ArrayMember(record, "findings");
  std::map<std::string, std::size_t> indices;
  for (std::size_t i = 0; i < entities.size(); ++i) indices.emplace(entities[i].id, i);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string place = Place("findings", i);
    if (!items[i].is_object()) Refuse(place + ": must be an object");
    const auto certainty = items[i].find("certainty");
    if (certainty == items[i].end()) continue;
    if (!certainty->is_object()) Refuse(place + ".certainty: must be an object");
    const auto found = indices.find(StringMember(items[i], "object", place + "."));
    if (found == indices.end()) Refuse(place + ".object: no entity has this id");
    const CertaintyClass value = ClassMember(*certainty, "class", place + ".certainty.");
    RecordEntity& entity = entities[found->second];
    if (!entity.certainty) entity.certainty = value;
  }
}

std::vector<RecordEntity> EntitiesOf(const json& record, bool judgements) {
  const json& items = ArrayMember(record, "entities");
  std::vector<RecordEntity> entities;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string place = Place("entities", i);
    if (!items[i].is_object()) Refuse(place + ": must be an object");
    const std::string where = place + ".";
    RecordEntity entity;
    entity.id = IdOf(items[i], where).value_or("");
    entity.type = StringMember(items[i], "type", where);
    entity.range = {OffsetMember(items[i], "start", where), OffsetMember(items[i], "end", where)};
    if (judgements) {
      entity.confidence = ConfidenceOf(items[i], where);
      if (items[i].contains("certainty"))
        entity.certainty = ClassMember(items[i], "certainty", where);
    }
    entities.push_back(std::move(entity));
  }
  if (judgements && record.contains("findings")) ReadCertainties(record, entities);
  return entities;
}

std::vector<RecordRelation> RelationsOf(const json& record, bool judgements) {
  const json& items = ArrayMember(record, "relations");
  std::vector<RecordRelation> relations;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string place = Place("relations", i);
    if (!items[i].is_object()) Refuse(place + ": must be an object");
    const std::string where = place + ".";
    relations.push_back({StringMember(items[i], "type", where),
                         StringMember(items[i], "head", where),
                         StringMember(items[i], "tail", where),
                         judgements ? ConfidenceOf(items[i], where) : std::nullopt});
  }
  return relations;
}

void ReadFields(const json& object, RecordParts parts, Record& record) {
  if (object.contains("text")) record.text = StringMember(object, "text", "");
  if (object.contains("offset_unit")) {
    record.unit = OffsetUnitFromName(StringMember(object, "offset_unit", ""));
    if (!record.unit) Refuse("offset_unit: must be \"codepoint\", \"utf8\" or \"utf16\"");
  }
  record.is_error = object.contains("error");
  if (record.is_error) return;
  if (parts.entities && object.contains("entities"))
    record.entities = EntitiesOf(object, parts.judgements);
  if (parts.relations && object.contains("relations"))
    record.relations = RelationsOf(object, parts.judgements);
}

}  // namespace

Record ParseRecord(std::string_view line, RecordParts parts) {
  Record record;
  try {
    const json object = ParseJson(line);
    if (!object.is_object()) Refuse("the line is not a JSON object");
    record.id = IdOf(object, "");
    ReadFields(object, parts, record);
  } catch (const Error& error) {
    throw RecordError{record.id, error};
  }
  return record;
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<OffsetUnit> OffsetUnitFromName(std::string_view name) {
  if (name == "codepoint") return OffsetUnit::kCodePoint;
  if (name == "utf8") return OffsetUnit::kUtf8;
  if (name == "utf16") return OffsetUnit::kUtf16;
  return std::nullopt;
}

}  // namespace radie::tools
