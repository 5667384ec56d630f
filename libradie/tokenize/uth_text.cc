#include "libradie/tokenize/uth_text.h"

#include <algorithm>
#include <string_view>

namespace radie {
namespace {

constexpr char32_t kVoiced = 0xFF9E, kSemiVoiced = 0xFF9F;  // half-width sound marks

bool IsOneOf(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }

bool IsHyphen(char32_t c) { return c > 0x7F && IsOneOf(c, U"˗֊‐‑‒–⁃⁻₋−"); }
bool IsProlonged(char32_t c) { return c > 0x7F && IsOneOf(c, U"﹣－ｰ—―─━ー"); }
bool IsTilde(char32_t c) { return c == '~' || (c > 0x7F && IsOneOf(c, U"∼∾〜〰～")); }

// Where neologdn leaves no space beside a character.
bool IsJapaneseBlock(char32_t c) {
  return (c >= 0x4E00 && c < 0xA000) || (c >= 0x3001 && c < 0x3100) || (c >= 0xFF00 && c < 0xFFF0);
}

char32_t FoldWidth(char32_t c) {
  constexpr std::u32string_view kKana =  // of U+FF61 and what follows
      U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘ"
      U"ホマミムメモヤユヨラリルレロワン";
  if (c >= 0xFF61 && c < 0xFF61 + kKana.size()) return kKana[c - 0xFF61];
  switch (c) {
    case 0xFF02:
    case 0xFF07:
    case 0xFF3C:
    case 0xFF40:  // ＂ ＇ ＼ ｀ stay
      return c;
    case 0x201C:
    case 0x201D:
      return '"';
    case 0x2018:
      return '`';
    case 0x2019:
      return '\'';
    case 0x00A5:
      return '\\';
    case 0x309B:
      return kVoiced;
    case 0x309C:
      return kSemiVoiced;
    default:
      return c >= 0xFF01 && c <= 0xFF5D ? c - 0xFEE0 : c;
  }
}

// The letter with the sound mark, or 0.
char32_t WithMark(char32_t letter, char32_t mark) {
  constexpr std::u32string_view kVoicedBefore = U"カキクケコサシスセソタチツテトハヒフヘホウう",
                                kVoicedAfter = U"ガギグゲゴザジズゼゾダヂヅデドバビブベボヴゔ",
                                kSemiVoicedBefore = U"ハヒフヘホはひふへほ",
                                kSemiVoicedAfter = U"パピプペポぱぴぷぺぽ";
  if (mark != kVoiced && mark != kSemiVoiced) return 0;
  const auto& before = mark == kVoiced ? kVoicedBefore : kSemiVoicedBefore;
  const std::size_t at = before.find(letter);
  if (at == before.npos) return 0;
  return (mark == kVoiced ? kVoicedAfter : kSemiVoicedAfter)[at];
}

class Neologdn {
 public:
  Characters Run(const Characters& text) {
    out_.reserve(text.size());
    for (const Character& c : text) {
      if (c.code_point == ' ' || c.code_point == 0x3000) {
        AddSpace(c);
      } else if (IsHyphen(c.code_point)) {
        AddOnce({'-', c.range});
      } else if (IsProlonged(c.code_point)) {
        AddOnce({U'ー', c.range});
      } else if (!IsTilde(c.code_point)) {
        Add({FoldWidth(c.code_point), c.range});
      }
    }
    if (!out_.empty() && out_.back().code_point == ' ') out_.pop_back();
    return std::move(out_);
  }

 private:
  // A space stays only behind ASCII; whether it does is decided once more by what comes next.
  void AddSpace(const Character& c) {
    if (last_ == ' ' || IsJapaneseBlock(last_)) return;
    if (last_ != '*' && last_ < 0x80 && !out_.empty()) {
      latin_space_ = true;
      out_.push_back({' ', c.range});
    }
    last_ = ' ';
  }

  void AddOnce(const Character& c) {
    if (last_ == c.code_point) {
      out_.back().range.end = c.range.end;
      return;
    }
    out_.push_back(c);
    last_ = c.code_point;
    latin_space_ = false;
  }

  void Add(Character c) {
    if (const char32_t marked = WithMark(last_, c.code_point); marked != 0 && !out_.empty()) {
      c = {marked, {out_.back().range.begin, c.range.end}};
      out_.pop_back();
    }
    if (latin_space_ && IsJapaneseBlock(c.code_point)) out_.pop_back();
    latin_space_ = false;
    out_.push_back(c);
    last_ = c.code_point;
  }

  Characters out_;
  char32_t last_ = 0;
  bool latin_space_ = false;  // out_ ends with a space behind ASCII
};

// Of "1,234" the comma. "1,234,567" keeps its second one: the pattern has used up its digits.
Characters WithoutDigitCommas(const Characters& text) {
  Characters out;
  out.reserve(text.size());
  const auto digit = [&](std::size_t i) {
    return i < text.size() && IsDecimalDigit(text[i].code_point);
  };
  for (std::size_t i = 0; i < text.size();) {
    out.push_back(text[i]);
    if (digit(i) && i + 1 < text.size() && text[i + 1].code_point == ',' && digit(i + 2)) {
      for (i += 2; digit(i); ++i) out.push_back(text[i]);
    } else {
      ++i;
    }
  }
  return out;
}

bool IsDropped(char32_t c) {
  return c == 0 || c == ' ' || c == 0x3000 || c == 0xFFFD ||
         (c != '\t' && c != '\n' && c != '\r' && (IsControl(c) || IsFormat(c)));
}

}  // namespace

Characters NeologdnCharacters(const Characters& text) { return Neologdn().Run(text); }

Characters UthCharacters(const Characters& text) {
  Characters out =
      WithoutDigitCommas(NormalizedCharacters(NormalForm::kNfkc, NeologdnCharacters(text)));
  std::erase_if(out, [](const Character& c) { return IsDropped(c.code_point); });
  for (Character& c : out) {
    char32_t& point = c.code_point;
    if (point == ',' || point == 0xFF0C) {
      point = U'、';
    } else if (point > ' ' && point < 0x7F) {
      point += 0xFEE0;
    } else if (point == '\t' || point == '\n' || point == '\r' || IsSpaceSeparator(point)) {
      point = ' ';
    }
  }
  return out;
}

}  // namespace radie
