#include "libradie/model/json_fields.h"

#include <utility>

#include "libradie/model/quoted.h"
#include "radie/error.h"

namespace radie {
namespace {

using Kind = JsonValue::Kind;

[[noreturn]] void Throw(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::kInvalidModel, path + ": " + problem);
}

void CheckCount(const JsonValue& array, const std::string& path, std::size_t most) {
  if (array.items.size() > most) {
    throw Error(ErrorCode::kUnsupportedModel, path + ": " + std::to_string(array.items.size()) +
                                                  " entries, at most " + std::to_string(most));
  }
}

}  // namespace

JsonFields::JsonFields(const JsonValue& object, std::string path)
    : object_(object), path_(std::move(path)) {
  if (object.kind != Kind::kObject) Throw(path_, "no JSON object");
}

const JsonValue& JsonFields::Require(const std::string& key, Kind kind,
                                     const char* kind_name) const {
  const JsonValue* value = object_.Find(key);
  if (value == nullptr) Throw(PathOf(key), "is missing");
  if (value->kind != kind) Throw(PathOf(key), std::string("is no ") + kind_name);
  return *value;
}

bool JsonFields::IsNull(const std::string& key) const {
  const JsonValue* value = object_.Find(key);
  return value != nullptr && value->kind == Kind::kNull;
}

bool JsonFields::IsObject(const std::string& key) const {
  const JsonValue* value = object_.Find(key);
  return value != nullptr && value->kind == Kind::kObject;
}

const std::string& JsonFields::String(const std::string& key) const {
  return Require(key, Kind::kString, "string").text;
}

std::vector<std::string> JsonFields::Strings(const std::string& key, std::size_t most) const {
  return ToStrings(Require(key, Kind::kArray, "array"), PathOf(key), most);
}

bool JsonFields::Boolean(const std::string& key, bool absent) const {
  return Has(key) ? Require(key, Kind::kBoolean, "boolean").boolean : absent;
}

double JsonFields::Number(const std::string& key) const {
  const JsonValue* value = object_.Find(key);
  if (value != nullptr && value->kind == Kind::kUnsigned) return value->number;
  return Require(key, Kind::kNumber, "number").number;
}

std::size_t JsonFields::Size(const std::string& key, std::size_t least, std::size_t most) const {
  const std::size_t size = Require(key, Kind::kUnsigned, "whole number").integer;
  if (size < least) {
    Throw(PathOf(key), "is " + std::to_string(size) + ", at least " + std::to_string(least));
  }
  if (size > most) {
    throw Error(ErrorCode::kUnsupportedModel,
                PathOf(key) + ": is " + std::to_string(size) + ", at most " + std::to_string(most));
  }
  return size;
}

JsonFields JsonFields::Object(const std::string& key) const {
  return JsonFields(Require(key, Kind::kObject, "JSON object"), PathOf(key));
}

std::vector<JsonFields> JsonFields::Objects(const std::string& key, std::size_t most) const {
  const JsonValue& array = Require(key, Kind::kArray, "array");
  CheckCount(array, PathOf(key), most);
  std::vector<JsonFields> objects;
  for (std::size_t i = 0; i < array.items.size(); ++i) {
    objects.emplace_back(array.items[i], PathOf(key) + "[" + std::to_string(i) + "]");
  }
  return objects;
}

void JsonFields::ThrowInvalid(const std::string& key, const std::string& problem) const {
  Throw(PathOf(key), problem);
}

void JsonFields::ThrowUnknown(const std::string& key) const {
  throw Error(ErrorCode::kUnsupportedModel,
              PathOf(key) + ": " + Quoted(String(key)) + " is not known to this version");
}

std::vector<std::string> ToStrings(const JsonValue& value, const std::string& path,
                                   std::size_t most) {
  if (value.kind != Kind::kArray) Throw(path, "is no array");
  CheckCount(value, path, most);
  std::vector<std::string> strings;
  strings.reserve(value.items.size());
  for (const JsonValue& item : value.items) {
    if (item.kind != Kind::kString) {
      Throw(path + "[" + std::to_string(strings.size()) + "]", "is no string");
    }
    strings.push_back(item.text);
  }
  return strings;
}

}  // namespace radie
