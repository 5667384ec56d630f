// A JSON document as a plain value, parsed with every size bounded. The parser behind it stays in
// json_value.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace radie {

struct JsonValue {
  enum class Kind { kNull, kBoolean, kUnsigned, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  std::uint64_t integer = 0;      // kUnsigned: a whole number ≥ 0 that fits
  double number = 0;              // kUnsigned and kNumber
  std::string text;               // kString, valid UTF-8
  std::vector<std::string> keys;  // kObject: keys[i] belongs to items[i]; no two are equal
  std::vector<JsonValue> items;   // kArray and kObject

  // The object's member, nullptr when absent or when this is no object.
  const JsonValue* Find(std::string_view key) const;
};

// Parses one document: at most 16 levels deep and 2,000,000 values; duplicate keys, ill-formed
// UTF-8 and anything after the document are refused. Throws Error(kInvalidModel) that begins with
// `what` and tells the byte; `offset` is where `text` begins in the file, when it stands there as
// it is.
JsonValue ParseJson(std::string_view text, const std::string& what,
                    std::optional<std::size_t> offset = std::nullopt);

}  // namespace radie
