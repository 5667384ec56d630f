// Reading an object's fields with their checks: every error names the field by its path
// ("entities.encoder.hidden_size").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/model/json_value.h"

namespace radie {

// What a string stands for.
template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

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
  template <typename Value, std::size_t count>
  Value Choice(const std::string& key, const Named<Value> (&values)[count]) const {
    const std::string& name = String(key);
    for (const Named<Value>& known : values) {
      if (known.name == name) return known.value;
    }
    ThrowUnknown(key);
  }

  // The same for a field that may be absent.
  template <typename Value, std::size_t count>
  Value OptionalChoice(const std::string& key, Value absent,
                       const Named<Value> (&values)[count]) const {
    return Has(key) ? Choice(key, values) : absent;
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
