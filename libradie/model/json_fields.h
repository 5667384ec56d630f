// Reading an object's fields with their checks: every error names the field by its path
// ("entities.encoder.hidden_size").
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "libradie/model/json_value.h"

namespace radie {

// A view of one JSON object; the value must outlive it. Every getter throws Error(kInvalidModel)
// for a field that is missing (unless it has a default) or of another kind, and
// Error(kUnsupportedModel) for a value of the right kind that this version does not take.
class JsonFields {
 public:
  JsonFields(const JsonValue& object, std::string path);

  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& key) const { return path_ + "." + key; }
  bool Has(const std::string& key) const { return object_.Find(key) != nullptr; }
  bool IsNull(const std::string& key) const;                             // there, and null
  bool IsObject(const std::string& key) const;                           // there, and a JSON object
  const std::vector<std::string>& Keys() const { return object_.keys; }  // in the file's order

  const std::string& String(const std::string& key) const;
  std::vector<std::string> Strings(const std::string& key, std::size_t most) const;
  bool Boolean(const std::string& key, bool absent) const;
  double Number(const std::string& key) const;
  // A whole number in [least, most]. Below is kInvalidModel, above a cap of this version,
  // kUnsupportedModel.
  std::size_t Size(const std::string& key, std::size_t least, std::size_t most) const;
  JsonFields Object(const std::string& key) const;
  std::vector<JsonFields> Objects(const std::string& key, std::size_t most) const;

  // The meaning of a string field that takes one of a few values.
  template <typename Enum>
  Enum Choice(const std::string& key, const std::map<std::string, Enum>& values) const {
    const auto found = values.find(String(key));
    if (found == values.end()) ThrowUnknown(key);
    return found->second;
  }

  // The same for a field that may be absent.
  template <typename Enum>
  Enum OptionalChoice(const std::string& key, Enum absent,
                      const std::map<std::string, Enum>& values) const {
    return Has(key) ? Choice<Enum>(key, values) : absent;
  }

  [[noreturn]] void ThrowInvalid(const std::string& key, const std::string& problem) const;
  // The field's string is none that this version knows.
  [[noreturn]] void ThrowUnknown(const std::string& key) const;

 private:
  const JsonValue& Require(const std::string& key, JsonValue::Kind kind,
                           const char* kind_name) const;

  const JsonValue& object_;
  std::string path_;
};

// An array of strings, for the error called `path`.
std::vector<std::string> ToStrings(const JsonValue& value, const std::string& path,
                                   std::size_t most);

}  // namespace radie
