#include "libradie/model/packed_form.h"

#include <utility>

#include "libradie/base/json_tree.h"
#include "libradie/model/json_fields.h"
#include "libradie/model/json_value.h"
#include "libradie/model/stage_parts.h"

namespace radie {
namespace {

constexpr std::size_t kVersion = 1;
constexpr std::size_t kMostOfASize = 65'536;
constexpr std::string_view kPadding = "packed.padding.";

PanelLayout ParseLayout(const JsonFields& fields) {
  static constexpr Named<DType> kTypes[] = {
      {"F32", DType::kF32}, {"F16", DType::kF16}, {"BF16", DType::kBF16}, {"I8", DType::kI8}};
  PanelLayout layout = {fields.Choice("dtype", kTypes), fields.Size("width", 1, kMostOfASize),
                        fields.Size("group", 1, kMostOfASize),
                        fields.Size("depth_unit", 1, kMostOfASize)};
  if (fields.Has("quad_limit")) layout.quad_limit = fields.Size("quad_limit", 1, kMostOfASize);
  return layout;
}

// "a.query" and "a.key" as "a.query_key".
std::string JoinedScope(const std::vector<std::string>& scopes) {
  std::string joined = scopes.front();
  for (std::size_t i = 1; i < scopes.size(); ++i) {
    joined += '_';
    joined.append(scopes[i], scopes[i].rfind('.') + 1);
  }
  return joined;
}

}  // namespace

const PanelLayout* PackedForm::Find(DType dtype) const {
  for (const PanelLayout& layout : layouts) {
    if (layout.dtype == dtype) return &layout;
  }
  return nullptr;
}

std::optional<PackedForm> ParsePackedForm(const ModelFile& file) {
  const auto found = file.metadata().find(kPackedKey);
  if (found == file.metadata().end()) return std::nullopt;
  const JsonValue document = ParseJson(found->second, "metadata \"packed\"");
  const JsonFields fields(document, "packed");
  fields.Size("version", kVersion, kVersion);
  fields.Choice<int>("byte_order", {{"little", 0}});
  PackedForm form;
  form.precision = fields.String("precision");
  form.parameters = fields.Size("parameters", 0, SIZE_MAX);
  if (fields.Has("source_tensors_sha256")) {
    form.source_sha256 = fields.String("source_tensors_sha256");
  }
  for (const JsonFields& layout : fields.Objects("layouts", 4)) {
    form.layouts.push_back(ParseLayout(layout));
    if (form.Find(form.layouts.back().dtype) != &form.layouts.back()) {
      ThrowInvalid("packed.layouts: two of one dtype");
    }
  }
  if (form.layouts.empty()) ThrowInvalid("packed.layouts: there are none");
  return form;
}

std::string PackedFormText(const PackedForm& form) {
  JsonTree layouts = JsonTree::Array();
  for (const PanelLayout& layout : form.layouts) {
    JsonTree described = {{"dtype", DTypeName(layout.dtype)},
                          {"width", layout.width},
                          {"group", layout.group},
                          {"depth_unit", layout.depth_unit}};
    if (layout.quad_limit != 0) described["quad_limit"] = layout.quad_limit;
    layouts.Append(std::move(described));
  }
  JsonTree json = {{"version", kVersion},
                   {"byte_order", "little"},
                   {"precision", form.precision},
                   {"layouts", std::move(layouts)},
                   {"parameters", form.parameters}};
  if (!form.source_sha256.empty()) json["source_tensors_sha256"] = form.source_sha256;
  return json.Text();
}

std::string PanelsName(const std::vector<std::string>& scopes) {
  return JoinedScope(scopes) + ".panels";
}

std::string SumsName(const std::vector<std::string>& scopes) {
  return JoinedScope(scopes) + ".sums";
}

std::string PaddingName(std::size_t number) {
  return std::string(kPadding) + std::to_string(number);
}

bool IsPadding(std::string_view name) { return name.starts_with(kPadding); }

}  // namespace radie
