#include "tools/item_digest.h"

#include <string_view>

#include "radie/fhir.h"

namespace radie::tools {
namespace {

// Length and bytes: no two lists of fields give the same string.
void Append(std::string& out, std::string_view field) {
  out += std::to_string(field.size());
  out += ':';
  out += field;
}

void AppendNumber(std::string& out, std::size_t number) { Append(out, std::to_string(number)); }

}  // namespace

void ItemDigest::Add(const ExtractItem& item) {
  std::string all;
  Append(all, hex_);
  Append(all, item.id ? "id" : "");
  Append(all, item.id.value_or(""));
  AppendNumber(all, item.line.value_or(0));
  Append(all, item.text);
  Append(all, item.json_member);
  Append(all, item.source ? EncodingName(item.source->encoding()) : "");
  AppendNumber(all, static_cast<std::size_t>(item.unit));
  AppendNumber(all, item.mentions.size());
  for (const EntityMention& mention : item.mentions) {
    Append(all, mention.type);
    AppendNumber(all, mention.range.begin);
    AppendNumber(all, mention.range.end);
  }
  for (const Warning& warning : item.warnings) Append(all, warning.code + " " + warning.message);
  if (item.error) Append(all, item.error->what());
  hex_ = Sha256Hex(all);
}

}  // namespace radie::tools
