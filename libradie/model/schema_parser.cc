#include "libradie/model/schema_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libradie/model/quoted.h"

namespace radie {
namespace {

constexpr std::size_t kMaxTypes = 511;  // as many as B- and I- labels fit under the cap of labels

std::vector<bool> ParseTypes(const JsonFields& fields, const std::string& key,
                             const Schema& schema) {
  std::vector<bool> chosen(schema.entity_types.size(), false);
  for (const std::string& name : fields.Strings(key, kMaxTypes)) {
    const std::optional<std::size_t> type = schema.FindEntityType(name);
    if (!type) fields.ThrowInvalid(key, Quoted(name) + " is no entity type of the schema");
    chosen[*type] = true;
  }
  return chosen;
}

// A name that is not empty and not among `others` yet.
template <typename Types>
std::string ParseName(const JsonFields& fields, const Types& others) {
  const std::string& name = fields.String("name");
  if (name.empty()) fields.ThrowInvalid("name", "is empty");
  if (std::any_of(others.begin(), others.end(), [&](auto& other) { return other.name == name; })) {
    fields.ThrowInvalid("name", Quoted(name) + " stands there twice");
  }
  return name;
}

std::optional<CertaintyClass> ParseCertainty(const JsonFields& type, bool is_object) {
  if (!type.Has("certainty")) return std::nullopt;
  const std::optional<CertaintyClass> certainty = CertaintyFromName(type.String("certainty"));
  if (!certainty) type.ThrowUnknown("certainty");
  if (!is_object) type.ThrowInvalid("certainty", "only an object has one");
  return certainty;
}

}  // namespace

Schema ParseSchema(const JsonFields& fields) {
  Schema schema;
  schema.name = fields.String("name");
  for (const JsonFields& type : fields.Objects("entity_types", kMaxTypes)) {
    const bool is_object = type.Choice<bool>("role", {{"object", true}, {"attribute", false}});
    schema.entity_types.push_back(
        {ParseName(type, schema.entity_types), is_object, ParseCertainty(type, is_object)});
  }
  if (schema.entity_types.empty()) fields.ThrowInvalid("entity_types", "is empty");
  for (const JsonFields& type : fields.Objects("relation_types", kMaxTypes)) {
    RelationType relation;
    relation.name = ParseName(type, schema.relation_types);
    if (relation.name == kNoRelation)
      type.ThrowInvalid("name", "\"none\" is the label of no relation");
    relation.heads = ParseTypes(type, "heads", schema);
    relation.tails = ParseTypes(type, "tails", schema);
    schema.relation_types.push_back(std::move(relation));
  }
  return schema;
}

}  // namespace radie
