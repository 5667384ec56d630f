#include "libradie/model/normalization_parser.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "libradie/model/json_fields.h"
#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

using StepKind = NormalizationStep::Kind;

constexpr std::size_t kMaxSteps = 16;
constexpr std::string_view kPath = "text.normalization";

struct NamedKind {
  std::string_view name;
  StepKind kind;
  bool has_pattern;
};
constexpr NamedKind kKinds[] = {{"nfkc", StepKind::kNfkc, false},
                                {"radiology-ja", StepKind::kRadiologyJa, false},
                                {"neologdn", StepKind::kNeologdn, false},
                                {"h2z", StepKind::kH2z, false},
                                {"newline_to_stop", StepKind::kNewlineToStop, false},
                                {"cut", StepKind::kCut, true},
                                {"cut_header", StepKind::kCutHeader, true},
                                {"cut_footer", StepKind::kCutFooter, true}};

[[noreturn]] void Throw(ErrorCode code, const std::string& path, const std::string& problem) {
  throw Error(code, path + ": " + problem);
}

const NamedKind& FindKind(std::string_view name, const std::string& path) {
  for (const NamedKind& kind : kKinds) {
    if (kind.name == name) return kind;
  }
  Throw(ErrorCode::kUnsupportedModel, path, "this version knows no step " + Quoted(name));
}

NormalizationStep ParseName(const std::string& name, const std::string& path) {
  const NamedKind& kind = FindKind(name, path);
  if (kind.has_pattern) {
    Throw(ErrorCode::kInvalidModel, path,
          Quoted(name) + " needs a pattern: {" + Quoted(name) + ": PATTERN}");
  }
  NormalizationStep step;
  step.kind = kind.kind;
  return step;
}

void ParseWidened(const JsonValue& value, const std::string& path, NormalizationStep* step) {
  if (value.kind != JsonValue::Kind::kArray || value.items.empty()) {
    Throw(ErrorCode::kInvalidModel, path, "is no array of \"kana\", \"digits\" and \"ascii\"");
  }
  step->kana = step->digits = step->ascii = false;
  for (const std::string& name : ToStrings(value, path, 3)) {
    bool* const chosen = name == "kana"     ? &step->kana
                         : name == "digits" ? &step->digits
                         : name == "ascii"  ? &step->ascii
                                            : nullptr;
    if (chosen == nullptr) {
      Throw(ErrorCode::kUnsupportedModel, path,
            Quoted(name) + " is none of \"kana\", \"digits\" and \"ascii\"");
    }
    *chosen = true;
  }
}

NormalizationStep ParseObject(const JsonValue& object, const std::string& path) {
  if (object.kind != JsonValue::Kind::kObject || object.items.size() != 1) {
    Throw(ErrorCode::kInvalidModel, path, "is no step: a name, or an object of one name");
  }
  const JsonValue& value = object.items[0];
  const NamedKind& kind = FindKind(object.keys[0], path);
  const std::string field = path + "." + std::string(kind.name);
  NormalizationStep step;
  step.kind = kind.kind;
  if (kind.has_pattern) {
    if (value.kind != JsonValue::Kind::kString || value.text.empty()) {
      Throw(ErrorCode::kInvalidModel, field, "is no pattern: a string, not empty");
    }
    step.pattern = value.text;
  } else if (kind.kind == StepKind::kH2z) {
    ParseWidened(value, field, &step);
  } else {
    Throw(ErrorCode::kInvalidModel, field, "takes no setting: give its name alone");
  }
  return step;
}

std::string StepName(const NormalizationStep& step) {
  const auto* const found =
      std::find_if(std::begin(kKinds), std::end(kKinds),
                   [&](const NamedKind& kind) { return kind.kind == step.kind; });
  std::string name(found->name);
  if (found->has_pattern) return name + " " + Quoted(step.pattern);
  if (step.kana && step.digits && step.ascii) return name;
  name += " of";
  if (step.kana) name += " kana";
  if (step.digits) name += " digits";
  if (step.ascii) name += " ascii";
  return name;
}

}  // namespace

NormalizationSteps ParseNormalization(const JsonValue& text) {
  const std::string path(kPath);
  const JsonValue* value = text.Find("normalization");
  if (value == nullptr) Throw(ErrorCode::kInvalidModel, path, "is missing");
  if (value->kind == JsonValue::Kind::kString) {
    if (value->text == "none") return {};
    return {ParseName(value->text, path)};
  }
  if (value->kind != JsonValue::Kind::kArray || value->items.empty()) {
    Throw(ErrorCode::kInvalidModel, path, "is neither a name nor an array of steps");
  }
  if (value->items.size() > kMaxSteps) {
    Throw(ErrorCode::kUnsupportedModel, path,
          std::to_string(value->items.size()) + " steps, at most " + std::to_string(kMaxSteps));
  }
  NormalizationSteps steps;
  for (const JsonValue& item : value->items) {
    const std::string place = path + "[" + std::to_string(steps.size()) + "]";
    steps.push_back(item.kind == JsonValue::Kind::kString ? ParseName(item.text, place)
                                                          : ParseObject(item, place));
  }
  return steps;
}

std::string NormalizationName(const NormalizationSteps& steps) {
  std::string name;
  for (const NormalizationStep& step : steps) {
    if (!name.empty()) name += ", ";
    name += StepName(step);
  }
  return name.empty() ? "none" : name;
}

}  // namespace radie
