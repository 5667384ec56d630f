// Characters of the encodings as Python has them (tests/golden/charsets.json), and what bytes they
// are in each.
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libradie/base/utf8.h"
#include "radie/charset.h"

namespace radie {

struct CharsetRow {
  std::string set;
  unsigned row;
  std::u32string characters;  // U+0020 where there is none
};

inline std::u32string ToUtf32(const std::string& text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) points += NextCodePoint(text, &at);
  return points;
}

inline std::string ToUtf8(std::u32string_view points) {
  std::string text;
  for (const char32_t c : points) AppendUtf8(c, &text);
  return text;
}

inline const std::vector<CharsetRow>& CharsetRows() {
  static const std::vector<CharsetRow> rows = [] {
    std::ifstream file(std::string(RADIE_SOURCE_DIR) + "/tests/golden/charsets.json");
    const nlohmann::json golden = nlohmann::json::parse(file);
    std::vector<CharsetRow> result;
    for (const auto& line : golden["cases"]) {
      result.push_back({line["set"].get<std::string>(), line["row"].get<unsigned>(),
                        ToUtf32(line["characters"].get<std::string>())});
    }
    return result;
  }();
  return rows;
}

inline std::string Bytes(std::initializer_list<unsigned> values) {
  std::string bytes;
  for (const unsigned value : values) bytes += static_cast<char>(value);
  return bytes;
}

// The bytes of the i-th place of a row, for every encoding that holds the set. ISO-2022-JP's come
// without their escapes.
inline std::map<Encoding, std::string> BytesOf(const CharsetRow& row, unsigned i) {
  if (row.set == "cp932") return {{Encoding::kCp932, Bytes({row.row, i + (i < 63 ? 0x40 : 0x41)})}};
  if (row.set == "kana") {
    return {{Encoding::kCp932, Bytes({0xA1 + i})},
            {Encoding::kEucJp, Bytes({0x8E, 0xA1 + i})},
            {Encoding::kIso2022Jp, Bytes({0x21 + i})}};
  }
  std::string euc = Bytes({row.row + 0xA0, i + 0xA1});
  if (row.set == "jisx0212") euc = "\x8F" + euc;
  return {{Encoding::kEucJp, euc}, {Encoding::kIso2022Jp, Bytes({row.row + 0x20, i + 0x21})}};
}

inline std::string EscapeOf(const std::string& set) {
  return set == "kana" ? "\x1B(I" : set == "jisx0208" ? "\x1B$B" : "\x1B$(D";
}

// Nothing where the bytes are broken.
inline std::optional<DecodedText> TryDecode(std::string_view bytes, Encoding encoding) {
  try {
    return DecodeText(bytes, encoding);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidText) throw;
    return std::nullopt;
  }
}

}  // namespace radie
