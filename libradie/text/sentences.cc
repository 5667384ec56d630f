#include "libradie/text/sentences.h"

#include <algorithm>
#include <cstddef>

#include "libradie/base/utf8.h"
#include "libradie/text/unicode.h"

namespace radie {
namespace {

constexpr std::u32string_view kEnds = U"。!?";
constexpr std::u32string_view kClosing = U")」』]}】";
constexpr std::u32string_view kHeadingOpen = U"【〈《[<";
constexpr std::u32string_view kHeadingClose = U"】〉》]>";
constexpr std::u32string_view kBullets = U"・-*●■◆○◎□◇▲△▼※#→";
constexpr std::u32string_view kAfterNumber = U".)。、:";
constexpr std::size_t kHeadingReach =
    20;  // characters from a heading's opening to its closing bracket
constexpr std::size_t kWrapMinimum = 16;  // characters of a line that may be a hard wrap

bool In(std::u32string_view set, char32_t c) { return set.find(c) != set.npos; }

// The characters of a stretch of text, one after the other.
class Reader {
 public:
  Reader(std::string_view text, TextRange range)
      : text_(text.substr(0, range.end)), at_(range.begin) {}

  bool done() const { return at_ == text_.size(); }
  std::size_t position() const { return at_; }

  // The next character, which must be there.
  char32_t Peek() const {
    std::size_t at = at_;
    return NextCodePoint(text_, &at);
  }

  void Skip() { at_ += Utf8Length(text_[at_]); }

  void SkipSpaces() {
    while (!done() && text_[at_] == ' ') ++at_;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

struct Line {
  TextRange range;  // without the line feed
  std::size_t characters;
};

std::vector<Line> Lines(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto is_lead = [&](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    const std::string_view line = text.substr(begin, end - begin);
    const auto characters = std::count_if(line.begin(), line.end(), is_lead);
    lines.push_back({{begin, end}, static_cast<std::size_t>(characters)});
    begin = end + 1;
  }
  return lines;
}

// Behind every sentence-ending mark and the closing brackets that follow it.
void BreakAtMarks(std::string_view text, TextRange line, std::vector<std::size_t>* breaks) {
  for (Reader reader(text, line); !reader.done();) {
    const bool ends = In(kEnds, reader.Peek());
    reader.Skip();
    if (!ends) continue;
    while (!reader.done() && In(kClosing, reader.Peek())) reader.Skip();
    breaks->push_back(reader.position());
  }
}

// Behind the bracket that closes the heading the line begins with.
void BreakAtHeading(std::string_view text, TextRange line, std::vector<std::size_t>* breaks) {
  Reader reader(text, line);
  reader.SkipSpaces();
  if (reader.done()) return;
  const std::size_t kind = kHeadingOpen.find(reader.Peek());
  if (kind == kHeadingOpen.npos) return;
  reader.Skip();
  for (std::size_t i = 0; i < kHeadingReach && !reader.done(); ++i) {
    const bool closes = reader.Peek() == kHeadingClose[kind];
    reader.Skip();
    if (closes) {
      breaks->push_back(reader.position());
      return;
    }
  }
}

// A bullet, an enumeration or a heading bracket; nothing but spaces counts as well.
bool BeginsAfresh(std::string_view text, TextRange line) {
  Reader reader(text, line);
  reader.SkipSpaces();
  if (reader.done() || In(kBullets, reader.Peek()) || In(kHeadingOpen, reader.Peek())) return true;
  const auto at_digit = [&reader] {
    return !reader.done() && reader.Peek() >= '0' && reader.Peek() <= '9';
  };
  const std::size_t begin = reader.position();
  while (at_digit()) reader.Skip();
  if (reader.position() == begin || reader.done() || !In(kAfterNumber, reader.Peek())) return false;
  reader.Skip();
  return !at_digit();  // else it is a decimal, or a list of numbers, that goes on
}

bool EndsAsHeading(std::string_view text, TextRange line) {
  while (!line.empty() && text[line.end - 1] == ' ') --line.end;
  if (line.empty()) return false;
  std::size_t last = line.end - 1;
  while (!IsUtf8Boundary(text, last)) --last;
  const char32_t c = NextCodePoint(text, &last);
  return c == ':' || In(kHeadingClose, c);
}

bool IsHardWrap(std::string_view text, const Line& line, const Line& next, std::size_t longest) {
  return line.characters >= kWrapMinimum && line.characters >= longest - longest / 4 &&
         !BeginsAfresh(text, next.range) && !EndsAsHeading(text, line.range);
}

std::vector<std::size_t> Breaks(std::string_view text) {
  const std::vector<Line> lines = Lines(text);
  std::size_t longest = 0;
  for (const Line& line : lines) longest = std::max(longest, line.characters);
  std::vector<std::size_t> breaks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    BreakAtMarks(text, lines[i].range, &breaks);
    BreakAtHeading(text, lines[i].range, &breaks);
    if (i + 1 == lines.size() || !IsHardWrap(text, lines[i], lines[i + 1], longest)) {
      breaks.push_back(lines[i].range.end);
    }
  }
  std::sort(breaks.begin(), breaks.end());  // a heading's break may lie before one inside it
  return breaks;
}

TextRange Trim(std::string_view text, TextRange range) {
  while (!range.empty()) {
    std::size_t next = range.begin;
    if (!IsWhiteSpace(NextCodePoint(text, &next))) break;
    range.begin = next;
  }
  while (!range.empty()) {
    std::size_t last = range.end - 1;
    while (!IsUtf8Boundary(text, last)) --last;
    const std::size_t begin = last;
    if (!IsWhiteSpace(NextCodePoint(text, &last))) break;
    range.end = begin;
  }
  return range;
}

}  // namespace

std::optional<SentenceRules> SentenceRulesFromName(std::string_view name) {
  if (name == "none") return SentenceRules::kNone;
  if (name == "radiology-ja") return SentenceRules::kRadiologyJa;
  return std::nullopt;
}

std::vector<TextRange> SplitSentences(std::string_view normalized_text, SentenceRules rules) {
  std::vector<std::size_t> breaks;
  if (rules == SentenceRules::kRadiologyJa) breaks = Breaks(normalized_text);
  breaks.push_back(normalized_text.size());
  std::vector<TextRange> sentences;
  std::size_t begin = 0;
  for (const std::size_t end : breaks) {
    const TextRange sentence = Trim(normalized_text, {begin, end});
    if (!sentence.empty()) sentences.push_back(sentence);
    begin = end;
  }
  return sentences;
}

}  // namespace radie
