// IOB2, one code point a line:
//
//   右<TAB>0<TAB>1<TAB>B-Anatomical_entity
//   肺<TAB>1<TAB>2<TAB>I-Anatomical_entity
//   に<TAB>2<TAB>3<TAB>O
#include <algorithm>
#include <string>
#include <vector>

#include "libradie/base/report_check.h"
#include "libradie/write/line_text.h"
#include "libradie/write/utf8_cursor.h"
#include "radie/writer.h"

namespace radie {
namespace {

constexpr std::u32string_view kEnds = U"。．！？!?";
constexpr std::u32string_view kClosing = U")」』]}】）］｝";
constexpr std::size_t kWrapMinimum = 16;  // characters of a line that may be a hard wrap

struct Character {
  char32_t code_point;
  std::size_t byte, bytes;
};

bool In(std::u32string_view set, char32_t c) { return set.find(c) != set.npos; }

std::vector<Character> CharactersOf(std::string_view text) {
  std::vector<Character> characters;
  for (std::size_t at = 0; at < text.size();) {
    const DecodedCharacter decoded = DecodeAt(text, at);
    characters.push_back({decoded.code_point, at, decoded.bytes});
    at += decoded.bytes;
  }
  return characters;
}

// Where sentences end, by the shape of the text alone.
class SentenceEnds {
 public:
  explicit SentenceEnds(const std::vector<Character>& characters) : characters_(characters) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= characters.size(); ++i) {
      if (i < characters.size() && !IsLineEnd(i)) continue;
      longest_ = std::max(longest_, LineLength(begin, i));
      begin = i + 1;
    }
  }

  // Index one past each sentence's last character, its closing brackets and white space included.
  std::vector<std::size_t> Find() const {
    std::vector<std::size_t> ends;
    std::size_t line = 0;  // where the current line begins
    for (std::size_t i = 0; i < characters_.size();) {
      const bool mark = In(kEnds, characters_[i].code_point);
      const bool line_end = IsLineEnd(i) && !IsHardWrap(line, i);
      if (IsLineEnd(i)) line = i + 1;
      ++i;
      if (!mark && !line_end) continue;
      while (mark && i < characters_.size() && In(kClosing, characters_[i].code_point)) ++i;
      for (; i < characters_.size() && IsWhiteSpace(i); ++i) {
        if (IsLineEnd(i)) line = i + 1;
      }
      ends.push_back(i);
    }
    if (ends.empty() || ends.back() != characters_.size()) ends.push_back(characters_.size());
    return ends;
  }

 private:
  bool IsWhiteSpace(std::size_t i) const { return SplitsFields(characters_[i].code_point); }

  // CR LF is one line end, at its LF.
  bool IsLineEnd(std::size_t i) const {
    const char32_t c = characters_[i].code_point;
    const bool before_lf = i + 1 < characters_.size() && characters_[i + 1].code_point == '\n';
    return c == '\n' || (c == '\r' && !before_lf);
  }

  // Characters of the line from `begin` to its end at `end`, at which CR LF is no character.
  std::size_t LineLength(std::size_t begin, std::size_t end) const {
    const bool after_cr =
        end > begin && end < characters_.size() && characters_[end - 1].code_point == '\r';
    return end - begin - (after_cr ? 1 : 0);
  }

  // A line about as long as the longest one, followed by text: it was broken for want of room.
  bool IsHardWrap(std::size_t begin, std::size_t end) const {
    const std::size_t length = LineLength(begin, end);
    const bool text_follows = end + 1 < characters_.size() && !IsWhiteSpace(end + 1);
    return text_follows && length >= kWrapMinimum && length >= longest_ - longest_ / 4;
  }

  const std::vector<Character>& characters_;
  std::size_t longest_ = 0;  // characters of the longest line
};

std::size_t UnitsOf(const Character& character, OffsetUnit unit) {
  if (unit == OffsetUnit::kUtf8) return character.bytes;
  return unit == OffsetUnit::kUtf16 && character.code_point > 0xFFFF ? 2 : 1;
}

}  // namespace

std::string ToConll(std::string_view text, const StructuredReport& report,
                    const ConllOptions& options) {
  CheckIndices(report);
  CheckSpans(text, report);
  const std::vector<Character> characters = CharactersOf(text);
  const std::vector<std::size_t> ends = SentenceEnds(characters).Find();
  std::string out;
  std::size_t position = 0, entity = 0, sentence = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const Character& character = characters[i];
    while (entity < report.entities.size() &&
           report.entities[entity].span.utf8.end <= character.byte)
      ++entity;
    const Entity* current = entity < report.entities.size() ? &report.entities[entity] : nullptr;
    if (current != nullptr && current->span.utf8.begin > character.byte) current = nullptr;

    const std::size_t next = position + UnitsOf(character, options.unit);
    if (character.code_point == '#') out += '\\';  // else the line would look like a comment
    AppendField(out, text.substr(character.byte, character.bytes));
    for (const std::size_t offset : {position, next}) {
      out += '\t';
      out += std::to_string(offset);
    }
    out += '\t';
    if (current == nullptr) {
      out += 'O';
    } else {
      out += current->span.utf8.begin == character.byte ? "B-" : "I-";
      AppendField(out, current->type);
    }
    out += '\n';
    position = next;

    if (i + 1 != ends[sentence]) continue;
    ++sentence;
    // An entity is never in two sentences: IOB2 has no way to say so.
    const bool inside =
        current != nullptr && current->span.utf8.end > character.byte + character.bytes;
    if (!inside) out += '\n';
  }
  return out;
}

}  // namespace radie
