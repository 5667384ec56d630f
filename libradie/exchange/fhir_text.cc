#include "libradie/exchange/fhir_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "libradie/write/utf8_cursor.h"
#include "radie/fhir.h"

namespace radie {
namespace {

bool IsForbidden(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
}

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
constexpr std::array<std::string_view, 8> kImpressionTitles = {
    "診断", "画像診断", "結論", "結語", "印象", "まとめ", "impression", "conclusion"};
constexpr std::array<std::string_view, 3> kSpaces = {" ", "\t", "\u3000"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Without the spaces at both ends.
std::string_view Trimmed(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        again = true;
      } else if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        again = true;
      }
    }
  }
  return text;
}

// Whether there is more in it than digits, spaces and punctuation: [1] and [2026/1/31] head
// nothing.
bool HasLetter(std::string_view title) {
  for (std::size_t at = 0; at < title.size();) {
    const DecodedCharacter decoded = DecodeAt(title, at);
    at += decoded.bytes;
    char32_t c = decoded.code_point;
    if (c >= U'！' && c <= U'～') c -= U'！' - U'!';
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    const bool punctuation = (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x303F) ||
                             c == U'・' || c == kReplacementCharacter;
    if (c >= 0xC0 && c != U'×' && c != U'÷' && !punctuation) return true;
  }
  return false;
}

// The title that the line begins with; empty when it begins with none.
std::string TitleOf(std::string_view line) {
  line = Trimmed(line);
  for (const Bracket& bracket : kBrackets) {
    if (!line.starts_with(bracket.open)) continue;
    const std::size_t end = line.find(bracket.close);
    if (end == std::string_view::npos) continue;
    const std::string_view title =
        Trimmed(line.substr(bracket.open.size(), end - bracket.open.size()));
    if (HasLetter(title)) return Lower(title);
  }
  return "";
}

bool IsImpression(const std::string& title) {
  return std::find(kImpressionTitles.begin(), kImpressionTitles.end(), title) !=
         kImpressionTitles.end();
}

// Where the line at `at` ends, its LF, CR or CR LF included.
std::size_t LineEnd(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_of("\r\n", at);
  if (end == std::string_view::npos) return text.size();
  return end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
}

}  // namespace

std::string FhirString(std::string_view text) {
  std::string out;
  ForEachAllowed(text, [&](std::string_view c) { out += c; });
  return out;
}

std::string FhirXhtml(std::string_view text) {
  std::string out;
  bool after_cr = false;
  ForEachAllowed(text, [&](std::string_view c) {
    const bool ends_crlf = after_cr && c == "\n";  // it had its break
    after_cr = c == "\r";
    if (ends_crlf) return;
    if (c == "&") {
      out += "&amp;";
    } else if (c == "<") {
      out += "&lt;";
    } else if (c == ">") {
      out += "&gt;";
    } else if (c == "\n" || c == "\r") {
      out += "<br/>";
    } else {
      out += c;
    }
  });
  return out;
}

FhirUrns::FhirUrns(std::string_view id) {
  id_.Add(id);
  id_.Add(std::string_view("\0", 1));  // no id and part run into another
}

std::string FhirUrns::Of(std::string_view part) const {
  Sha256Hasher name = id_;
  name.Add(part);
  auto digest = name.Finish();
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
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = LineEnd(text, at);
    const std::string_view line = text.substr(at, end - at);
    const bool marked = at == 0 && line.starts_with(kByteOrderMark);
    const std::string title = TitleOf(line.substr(marked ? kByteOrderMark.size() : 0));
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
