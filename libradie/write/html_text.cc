#include "libradie/write/html_text.h"

#include "libradie/write/display_text.h"
#include "libradie/write/utf8_cursor.h"

namespace radie {
namespace {

std::string_view EntityFor(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

void AppendHtml(std::string& out, std::string_view text, Range range) {
  for (std::size_t at = range.begin; at < range.end;) {
    const DecodedCharacter character = DecodeAt(text, at);
    const char first = text[at];
    if (!character.valid) {  // NOLINT(bugprone-branch-clone): what is not valid is not looked at
      out += kReplacementUtf8;
    } else if (const std::string_view entity = EntityFor(first); !entity.empty()) {
      out += entity;
    } else if (first == '\r') {
      // CR LF is one line break, even where a mention ends between the two.
      if (at + 1 == text.size() || text[at + 1] != '\n') out += '\n';
    } else if (first != '\n' && first != '\t' && IsUnsafeToShow(character.code_point)) {
      out += kReplacementUtf8;
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
}

void AppendHtml(std::string& out, std::string_view text) {
  AppendHtml(out, text, {0, text.size()});
}

std::string HtmlLine(std::string_view text) {
  std::string out;
  AppendHtml(out, OneSafeLine(text));
  return out;
}

}  // namespace radie
