#include "libradie/text/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "libradie/text/icu_status.h"
#include "radie/error.h"

namespace radie {
namespace {

// ICU puts marks into order by insertion, which is quadratic in a run of marks. Longer segments
// than this are put into order here first; the result is the same.
constexpr std::size_t kLongSegment = 32;

bool HasCategory(char32_t code_point, std::uint32_t mask) {
  return (U_MASK(u_charType(static_cast<UChar32>(code_point))) & mask) != 0;
}

void CheckStatus(UErrorCode status) {
  RequireMemory(status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU failed: ") + u_errorName(status));
  }
}

const icu::Normalizer2* Loaded(const icu::Normalizer2* (*load)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = load(status);
  CheckStatus(status);
  return normalizer;
}

// ICU keeps its data for the life of the process and shares it between threads. The first use is
// guarded here as well, by a lock that thread sanitizers see into.
const icu::Normalizer2& Normalizer(NormalForm form) {
  if (form == NormalForm::kNfc) {
    static const icu::Normalizer2* const nfc = Loaded(icu::Normalizer2::getNFCInstance);
    return *nfc;
  }
  if (form == NormalForm::kNfd) {
    static const icu::Normalizer2* const nfd = Loaded(icu::Normalizer2::getNFDInstance);
    return *nfd;
  }
  static const icu::Normalizer2* const nfkc = Loaded(icu::Normalizer2::getNFKCInstance);
  return *nfkc;
}

// The segment fully decomposed, its marks in canonical order.
icu::UnicodeString Decomposed(const icu::Normalizer2& normalizer, std::u32string_view segment) {
  std::vector<std::pair<int, UChar32>> parts;  // combining class, code point
  const auto add = [&](UChar32 c) { parts.emplace_back(normalizer.getCombiningClass(c), c); };
  icu::UnicodeString decomposition;
  for (const char32_t c : segment) {
    if (!normalizer.getDecomposition(static_cast<UChar32>(c), decomposition)) {
      add(static_cast<UChar32>(c));
      continue;
    }
    for (int32_t i = 0; i < decomposition.length(); i = decomposition.moveIndex32(i, 1)) {
      add(decomposition.char32At(i));
    }
  }
  const auto is_starter = [](const auto& part) { return part.first == 0; };
  for (auto begin = parts.begin(); begin != parts.end();) {
    begin = std::find_if_not(begin, parts.end(), is_starter);
    const auto end = std::find_if(begin, parts.end(), is_starter);
    std::stable_sort(begin, end, [](const auto& a, const auto& b) { return a.first < b.first; });
    begin = end;
  }
  icu::UnicodeString ordered;
  for (const auto& part : parts) ordered.append(part.second);
  return ordered;
}

bool IsCased(char32_t c) { return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASED) != 0; }

bool IsCaseIgnorable(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASE_IGNORABLE) != 0;
}

// Unicode's Final_Sigma: a cased letter before, none after, case-ignorable characters not counting.
bool IsFinalSigma(std::u32string_view word, std::size_t i) {
  std::size_t before = i;
  while (before > 0 && IsCaseIgnorable(word[before - 1])) --before;
  if (before == 0 || !IsCased(word[before - 1])) return false;
  std::size_t after = i + 1;
  while (after < word.size() && IsCaseIgnorable(word[after])) ++after;
  return after == word.size() || !IsCased(word[after]);
}

}  // namespace

bool IsWhiteSpace(char32_t code_point) {
  return u_isUWhiteSpace(static_cast<UChar32>(code_point)) != 0;
}

bool IsSpaceSeparator(char32_t code_point) { return HasCategory(code_point, U_GC_ZS_MASK); }
bool IsOther(char32_t code_point) { return HasCategory(code_point, U_GC_C_MASK); }
bool IsControl(char32_t code_point) { return HasCategory(code_point, U_GC_CC_MASK); }
bool IsFormat(char32_t code_point) { return HasCategory(code_point, U_GC_CF_MASK); }
bool IsDecimalDigit(char32_t code_point) { return HasCategory(code_point, U_GC_ND_MASK); }
bool IsPunctuation(char32_t code_point) { return HasCategory(code_point, U_GC_P_MASK); }
bool IsNonspacingMark(char32_t code_point) { return HasCategory(code_point, U_GC_MN_MASK); }

void AppendLower(std::u32string_view word, std::size_t i, std::u32string* out) {
  const char32_t c = word[i];
  if (c == U'\u0130') {  // İ: the one letter whose lower case is two code points in every locale
    out->append(U"i\u0307");
  } else if (c == U'\u03A3') {
    out->push_back(IsFinalSigma(word, i) ? U'\u03C2' : U'\u03C3');
  } else {
    out->push_back(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
  }
}

bool HasBoundaryBefore(NormalForm form, char32_t code_point) {
  return Normalizer(form).hasBoundaryBefore(static_cast<UChar32>(code_point)) != 0;
}

void AppendNormalized(NormalForm form, std::u32string_view segment, std::u32string* out) {
  const icu::Normalizer2& normalizer = Normalizer(form);
  icu::UnicodeString source;
  if (segment.size() > kLongSegment) {
    source = Decomposed(normalizer, segment);
  } else {
    for (const char32_t c : segment) source.append(static_cast<UChar32>(c));
  }
  RequireMemory(source);
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString result;
  normalizer.normalize(source, result, status);
  CheckStatus(status);
  for (int32_t i = 0; i < result.length(); i = result.moveIndex32(i, 1)) {
    out->push_back(static_cast<char32_t>(result.char32At(i)));
  }
}

}  // namespace radie
