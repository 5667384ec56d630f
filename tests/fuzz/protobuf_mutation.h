// Changes to a protobuf message that keep the lengths round them right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace radie::fuzz {

// libFuzzer's own change to some bytes.
inline void MutateBytes(std::string* bytes, std::size_t most_more) {
  const std::size_t size = bytes->size();
  bytes->resize(size + most_more);
  bytes->resize(
      LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes->data()), size, bytes->size()));
}

struct ProtobufField {
  std::uint64_t tag = 0;
  std::string payload;  // as it stands, without the length before it
};

inline bool ReadVarint(std::string_view bytes, std::size_t* at, std::uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && *at < bytes.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes[(*at)++]);
    *value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

inline void AppendVarint(std::uint64_t value, std::string* to) {
  for (; value >= 0x80; value >>= 7) *to += static_cast<char>(value | 0x80);
  *to += static_cast<char>(value);
}

// The fields of a message up to the first that is none; *whole: that is all of it.
inline std::vector<ProtobufField> ReadFields(std::string_view bytes, bool* whole) {
  std::vector<ProtobufField> fields;
  *whole = false;
  for (std::size_t at = 0; at < bytes.size();) {
    ProtobufField field;
    if (!ReadVarint(bytes, &at, &field.tag)) return fields;
    const std::size_t begin = at;
    std::uint64_t size = 0;
    if (field.tag % 8 == 2) {
      if (!ReadVarint(bytes, &at, &size) || size > bytes.size() - at) return fields;
      field.payload = bytes.substr(at, size);
      at += size;
    } else {
      std::uint64_t value = 0;
      if (field.tag % 8 == 0 && !ReadVarint(bytes, &at, &value)) return fields;
      if (field.tag % 8 == 1) at += 8;
      if (field.tag % 8 == 5) at += 4;
      if (at == begin || at > bytes.size()) return fields;
      field.payload = bytes.substr(begin, at - begin);
    }
    fields.push_back(std::move(field));
  }
  *whole = true;
  return fields;
}

inline std::string WriteFields(const std::vector<ProtobufField>& fields) {
  std::string bytes;
  for (const ProtobufField& field : fields) {
    AppendVarint(field.tag, &bytes);
    if (field.tag % 8 == 2) AppendVarint(field.payload.size(), &bytes);
    bytes += field.payload;
  }
  return bytes;
}

// One change somewhere in a message of at most `depth` levels.
inline std::string MutateMessage(const std::string& bytes, std::mt19937& random, int depth) {
  bool whole = false;
  std::vector<ProtobufField> fields = ReadFields(bytes, &whole);
  if (fields.empty() || !whole || random() % 16 == 0) {
    std::string changed = bytes;
    MutateBytes(&changed, 16);
    return changed;
  }
  const std::size_t at = random() % fields.size(), other = random() % fields.size();
  ProtobufField& field = fields[at];
  switch (random() % 8) {
    case 0:
      fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at), ProtobufField(fields[other]));
      break;
    case 2:
      std::swap(fields[at], fields[other]);
      break;
    default:
      if (field.tag % 8 == 2 && depth > 1) {
        field.payload = MutateMessage(field.payload, random, depth - 1);
      } else {
        MutateBytes(&field.payload, field.tag % 8 == 2 ? 8 : 0);
      }
  }
  return WriteFields(fields);
}

}  // namespace radie::fuzz
