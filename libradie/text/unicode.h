// The Unicode properties and mappings that radie needs, without a type of ICU.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace radie {

// ---- properties of a code point ----

bool IsWhiteSpace(char32_t code_point);      // property White_Space
bool IsSpaceSeparator(char32_t code_point);  // category Zs
bool IsOther(char32_t code_point);           // category C*: control, format, private, unassigned
bool IsControl(char32_t code_point);         // category Cc
bool IsFormat(char32_t code_point);          // category Cf
bool IsDecimalDigit(char32_t code_point);    // category Nd
bool IsPunctuation(char32_t code_point);     // category P*
bool IsNonspacingMark(char32_t code_point);  // category Mn

// ---- lower case ----

// Appends the lower case of word[i] (root locale, full mapping). The rest of the word decides
// between σ and ς.
void AppendLower(std::u32string_view word, std::size_t i, std::u32string* out);

// ---- normal forms ----
//
// A text is normalised segment by segment: a segment runs up to the next code point that
// HasBoundaryBefore says yes to, and the segments' results, end to end, are the result for the
// whole text.

enum class NormalForm { kNfc, kNfd, kNfkc };

bool HasBoundaryBefore(NormalForm form, char32_t code_point);

// Appends the normal form of one segment. Time is linear (but for a sort) in its length, whatever
// marks it holds.
void AppendNormalized(NormalForm form, std::u32string_view segment, std::u32string* out);

// A cheap answer for the letters that make up most reports: true only for code points that have a
// boundary before them and that, standing alone in a segment, normalise to themselves. False says
// nothing.
inline bool IsPlain(NormalForm form, char32_t c) {
  if (c < 0x7F || (c >= 0x4E00 && c <= 0x9FFF)) return true;
  return form != NormalForm::kNfd && ((c >= 0x3041 && c <= 0x3096) ||
                                      (c >= 0x30A1 && c <= 0x30FE) || (c >= 0x3001 && c <= 0x3020));
}

}  // namespace radie
