#include "libradie/text/normalize.h"

#include <utility>
#include <vector>

#include "libradie/base/utf8.h"
#include "libradie/text/cjk_radicals.h"
#include "libradie/text/unicode.h"

namespace radie {
namespace {

// Rules 1 and 2 of radiology-ja for one code point; NUL stands for "left out".
char32_t Prepare(char32_t c) {
  if (IsPlain(NormalForm::kNfkc, c)) {
    if (c >= 0x20 || c == '\n') return c;
    return c == '\r' ? '\n' : c == '\t' || c == '\v' || c == '\f' ? ' ' : 0;
  }
  if (c > 0x3000 && c != 0xFEFF) return c;  // no rule of the two reaches further
  if (IsWhiteSpace(c)) return ' ';
  if (IsControl(c)) return 0;
  switch (c) {
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF:  // zero width
      return 0;
    default:
      return IdeographOfRadical(c);
  }
}

// Rule 4 of radiology-ja.
char32_t Simplify(char32_t c) {
  switch (c) {
    case 0x301C:
    case 0x223C:
      return '~';
    case 0x2212:
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
      return '-';
    case 0x2219:
    case 0x2022:
      return 0x30FB;  // ・
    case 0x2715:
    case 0x2716:
    case 0x2A2F:
      return 0x00D7;  // ×
    default:
      return c;
  }
}

// Writes NFKC segment by segment. A segment that NFKC leaves as it is maps code point to code
// point; one that it changes is one piece of the map.
class NfkcWriter {
 public:
  NfkcWriter(std::size_t size, bool simplify) : simplify_(simplify) { result_.text.reserve(size); }

  // The next code point, which came from `source`. Those of one segment need not touch: what lies
  // between was left out.
  void Add(char32_t c, SourceRange source) {
    if (!segment_.empty() &&
        (IsPlain(NormalForm::kNfkc, c) || HasBoundaryBefore(NormalForm::kNfkc, c))) {
      Flush();
    }
    segment_.push_back(c);
    sources_.push_back(source);
  }

  NormalizedText Finish() {
    if (!segment_.empty()) Flush();
    return std::move(result_);
  }

 private:
  void Flush() {
    const bool plain = segment_.size() == 1 && IsPlain(NormalForm::kNfkc, segment_[0]);
    normal_.clear();
    if (!plain) AppendNormalized(NormalForm::kNfkc, segment_, &normal_);
    if (plain || normal_ == segment_) {
      for (std::size_t i = 0; i < segment_.size(); ++i) AppendOne(segment_[i], sources_[i]);
    } else if (segment_.size() == 1 && normal_.size() == 1) {
      AppendOne(normal_[0], sources_[0]);
    } else {
      const std::size_t begin = result_.text.size();
      for (const char32_t c : normal_) AppendUtf8(simplify_ ? Simplify(c) : c, &result_.text);
      result_.map.Append({sources_.front().begin, sources_.back().end},
                         {begin, result_.text.size()});
    }
    segment_.clear();
    sources_.clear();
  }

  void AppendOne(char32_t c, SourceRange source) {
    const std::size_t begin = result_.text.size();
    AppendUtf8(simplify_ ? Simplify(c) : c, &result_.text);
    const TextRange text{begin, result_.text.size()};
    if (source.size() == text.size()) {
      result_.map.AppendCopied(source, text);
    } else {
      result_.map.Append(source, text);
    }
  }

  const bool simplify_;
  std::u32string segment_, normal_;
  std::vector<SourceRange> sources_;  // of each code point of the segment
  NormalizedText result_;
};

bool IsAsciiWord(std::string_view text, std::size_t i) {
  if (i >= text.size()) return false;
  const char c = text[i];
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Rule 5 of radiology-ja: whether the '.' or ',' at `i` is part of a number, a name or a run of
// stops.
bool StaysAscii(std::string_view text, std::size_t i) {
  const bool after_word = i > 0 && IsAsciiWord(text, i - 1);
  if (after_word && IsAsciiWord(text, i + 1)) return true;
  if (text[i] == ',') return false;
  const bool in_run = (i > 0 && text[i - 1] == '.') || (i + 1 < text.size() && text[i + 1] == '.');
  return in_run || (after_word && text.substr(i + 1, 1) == " " && IsAsciiWord(text, i + 2));
}

NormalizedText WithJapanesePunctuation(NormalizedText normalized) {
  constexpr std::string_view kStop = "。", kComma = "、";
  static_assert(kStop.size() == kComma.size());
  const std::string_view text = normalized.text;
  std::vector<std::size_t> positions;
  for (std::size_t i = text.find_first_of(".,"); i != text.npos;
       i = text.find_first_of(".,", i + 1)) {
    if (!StaysAscii(text, i)) positions.push_back(i);
  }
  if (positions.empty()) return normalized;
  NormalizedText result;
  result.text.reserve(text.size() + positions.size() * (kStop.size() - 1));
  std::size_t done = 0;
  for (const std::size_t position : positions) {
    result.text.append(text, done, position - done);
    result.text.append(text[position] == '.' ? kStop : kComma);
    done = position + 1;
  }
  result.text.append(text, done);
  result.map = normalized.map.Widened(positions, kStop.size());
  return result;
}

NormalizedText NormalizeRadiologyJa(std::string_view source) {
  NfkcWriter writer(source.size(), /*simplify=*/true);
  for (std::size_t i = 0; i < source.size();) {
    const std::size_t begin = i;
    const char32_t c = NextCodePoint(source, &i);
    if (c == '\r' && i < source.size() && source[i] == '\n') ++i;
    if (const char32_t prepared = Prepare(c); prepared != 0) writer.Add(prepared, {begin, i});
  }
  return WithJapanesePunctuation(writer.Finish());
}

NormalizedText NormalizeNfkc(std::string_view source) {
  NfkcWriter writer(source.size(), /*simplify=*/false);
  for (std::size_t i = 0; i < source.size();) {
    const std::size_t begin = i;
    const char32_t c = NextCodePoint(source, &i);
    writer.Add(c, {begin, i});
  }
  return writer.Finish();
}

NormalizedText Copy(std::string_view source) {
  NormalizedText result;
  result.text = source;
  if (!source.empty()) result.map.AppendCopied({0, source.size()}, {0, source.size()});
  return result;
}

}  // namespace

NormalizedText Normalize(std::string_view utf8, NormalizationProfile profile) {
  switch (profile) {
    case NormalizationProfile::kNone:
      break;
    case NormalizationProfile::kNfkc:
      return NormalizeNfkc(utf8);
    case NormalizationProfile::kRadiologyJa:
      return NormalizeRadiologyJa(utf8);
  }
  return Copy(utf8);
}

NormalizedText Normalize(const Document& document, NormalizationProfile profile) {
  return Normalize(document.text(), profile);
}

}  // namespace radie
