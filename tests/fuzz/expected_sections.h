// A report's text cut at its headings, as docs/fhir.md says.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "libradie/base/utf8.h"

namespace radie::fuzz {

// The text under headings of an impression, and the rest.
class ExpectedSections {
 public:
  explicit ExpectedSections(const std::string& text) {
    std::u32string rest;
    for (std::size_t at = 0; at < text.size();) rest += NextCodePoint(text, &at);
    const bool marked = !rest.empty() && rest.front() == 0xFEFF;
    bool impression = false;
    for (std::size_t begin = 0; begin < rest.size();) {
      std::size_t end = rest.find_first_of(U"\r\n", begin);
      end = end == rest.npos ? rest.size() : end + (rest.compare(end, 2, U"\r\n") == 0 ? 2 : 1);
      const std::u32string line = rest.substr(begin, end - begin);
      const std::u32string title = TitleOf(begin == 0 && marked ? line.substr(1) : line);
      if (!title.empty()) impression = IsImpression(title);
      for (const char32_t c : line) AppendUtf8(c, impression ? &impression_ : &findings_);
      begin = end;
    }
  }

  const std::string& findings() const { return findings_; }
  const std::string& impression() const { return impression_; }

 private:
  static std::u32string Trimmed(const std::u32string& text) {
    const std::size_t begin = text.find_first_not_of(U" \t\u3000");
    if (begin == text.npos) return U"";
    return text.substr(begin, text.find_last_not_of(U" \t\u3000") + 1 - begin);
  }

  static bool IsLetter(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c < 0xC0) return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool sign = (c >= 0x2000 && c < 0x2C00) || (c >= 0x3000 && c < 0x3040);
    return !sign && std::u32string_view(U"×÷・\uFFFD").find(c) == std::u32string_view::npos;
  }

  // Empty where the line is no heading.
  static std::u32string TitleOf(const std::u32string& line) {
    static constexpr std::u32string_view kOpen = U"【[［", kClose = U"】]］";
    const std::u32string text = Trimmed(line);
    const std::size_t kind = text.empty() ? kOpen.npos : kOpen.find(text.front());
    if (kind == kOpen.npos) return U"";
    const std::size_t end = text.find(kClose[kind]);
    if (end == text.npos) return U"";
    const std::u32string title = Trimmed(text.substr(1, end - 1));
    return std::any_of(title.begin(), title.end(), IsLetter) ? title : U"";
  }

  static bool IsImpression(std::u32string title) {
    static constexpr std::array<std::u32string_view, 8> kTitles = {
        U"診断", U"画像診断", U"結論", U"結語", U"印象", U"まとめ", U"impression", U"conclusion"};
    for (char32_t& c : title) c += c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0;
    return std::find(kTitles.begin(), kTitles.end(), title) != kTitles.end();
  }

  std::string findings_, impression_;
};

}  // namespace radie::fuzz
