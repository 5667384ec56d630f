#include "libradie/exchange/fhir_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "libradie/base/sha256.h"
#include "libradie/write/utf8_cursor.h"
#include "radie/fhir.h"

namespace radie {
namespace {

bool IsForbidden(char32_t c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r'; }

// Calls put(bytes of one character) for every code point, with U+FFFD in place of what must not be.
template <typename Put>
void ForEachAllowed(std::string_view text, const Put& put) {
  for (std::size_t at = 0; at < text.size();) {
    const DecodedCharacter c = DecodeAt(text, at);
    put(c.valid && !IsForbidden(c.code_point) ? text.substr(at, c.bytes) : kReplacementUtf8);
    at += c.bytes;
  }
}

struct Bracket {
  std::string_view open, close;
};
constexpr std::array<Bracket, 3> kBrackets = {{{"【", "】"}, {"[", "]"}, {"［", "］"}}};
constexpr std::array<std::string_view, 6> kImpressionTitles = {
    "診断", "結論", "印象", "まとめ", "impression", "conclusion"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The title that the line begins with; empty when it begins with none.
std::string TitleOf(std::string_view line) {
  for (const Bracket& bracket : kBrackets) {
    if (!line.starts_with(bracket.open)) continue;
    const std::size_t end = line.find(bracket.close);
    if (end != std::string_view::npos) {
      return Lower(line.substr(bracket.open.size(), end - bracket.open.size()));
    }
  }
  return "";
}

bool IsImpression(const std::string& title) {
  return std::any_of(kImpressionTitles.begin(), kImpressionTitles.end(),
                     [&](std::string_view word) { return title.find(word) != std::string::npos; });
}

}  // namespace

std::string FhirString(std::string_view text) {
  std::string out;
  ForEachAllowed(text, [&](std::string_view c) { out += c; });
  return out;
}

std::string FhirXhtml(std::string_view text) {
  std::string out;
  ForEachAllowed(text, [&](std::string_view c) {
    if (c == "&") {
      out += "&amp;";
    } else if (c == "<") {
      out += "&lt;";
    } else if (c == ">") {
      out += "&gt;";
    } else if (c == "\n") {
      out += "<br/>";
    } else if (c != "\r") {
      out += c;
    }
  });
  return out;
}

std::string FhirUrn(std::string_view id, std::string_view part) {
  std::string name(id);
  name += '\0';  // no id and part run into another
  name += part;
  auto digest = Sha256(name);
  digest[6] = static_cast<std::uint8_t>(0x80 | (digest[6] & 0x0F));  // version 8 (RFC 9562)
  digest[8] = static_cast<std::uint8_t>(0x80 | (digest[8] & 0x3F));  // variant
  std::string urn = "urn:uuid:";
  urn += HexOf(digest.data(), 16);
  for (const std::size_t at : {17, 22, 27, 32}) urn.insert(static_cast<std::size_t>(at), 1, '-');
  return urn;
}

FhirSections SplitSections(std::string_view text) {
  FhirSections sections;
  std::string* current = &sections.findings;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_feed = text.find('\n', at);
    const std::size_t end = line_feed == std::string_view::npos ? text.size() : line_feed + 1;
    const std::string_view line = text.substr(at, end - at);
    const std::string title = TitleOf(line);
    if (!title.empty()) {
      current = IsImpression(title) ? &sections.impression : &sections.findings;
    }
    *current += line;
    at = end;
  }
  return sections;
}

std::string Sha256Hex(std::string_view bytes) {
  const auto digest = Sha256(bytes);
  return HexOf(digest.data(), digest.size());
}

}  // namespace radie
