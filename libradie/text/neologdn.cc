#include "libradie/text/neologdn.h"

#include <string_view>
#include <utility>

#include "libradie/text/kana.h"

namespace radie {
namespace {

bool IsOneOf(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }

bool IsHyphen(char32_t c) { return c > 0x7F && IsOneOf(c, U"˗֊‐‑‒–⁃⁻₋−"); }
bool IsProlonged(char32_t c) { return c > 0x7F && IsOneOf(c, U"﹣－ｰ—―─━ー"); }
bool IsTilde(char32_t c) { return c == '~' || (c > 0x7F && IsOneOf(c, U"∼∾〜〰～")); }

// Where neologdn leaves no space beside a character.
bool IsJapaneseBlock(char32_t c) {
  return (c >= 0x4E00 && c < 0xA000) || (c >= 0x3001 && c < 0x3100) || (c >= 0xFF00 && c < 0xFFF0);
}

char32_t FoldWidth(char32_t c) {
  if (const char32_t kana = FullWidthKana(c); kana != 0) return kana;
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
      return kVoicedMark;
    case 0x309C:
      return kSemiVoicedMark;
    default:
      return c >= 0xFF01 && c <= 0xFF5D ? c - 0xFEE0 : c;
  }
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
    if (const char32_t marked = WithSoundMark(last_, c.code_point); marked != 0 && !out_.empty()) {
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

}  // namespace

Characters NeologdnCharacters(const Characters& text) { return Neologdn().Run(text); }

}  // namespace radie
