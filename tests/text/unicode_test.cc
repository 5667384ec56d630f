#include "libradie/text/unicode.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "libradie/text/cjk_radicals.h"

namespace radie {
namespace {

std::u32string Normal(NormalForm form, const std::u32string& segment) {
  std::u32string result;
  AppendNormalized(form, segment, &result);
  return result;
}

std::u32string Lower(const std::u32string& word) {
  std::u32string result;
  for (std::size_t i = 0; i < word.size(); ++i) AppendLower(word, i, &result);
  return result;
}

TEST(UnicodeTest, WhatIsPlainIsInert) {
  for (const NormalForm form : {NormalForm::kNfc, NormalForm::kNfd, NormalForm::kNfkc}) {
    std::size_t plain = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
      if (!IsPlain(form, c)) continue;
      ++plain;
      ASSERT_TRUE(HasBoundaryBefore(form, c)) << std::hex << static_cast<unsigned>(c);
      ASSERT_EQ(Normal(form, {c}), std::u32string{c}) << std::hex << static_cast<unsigned>(c);
    }
    EXPECT_GT(plain, 20'000U);
  }
}

// Long segments are put into order by another way than short ones.
TEST(UnicodeTest, LongSegmentsNormaliseAsTheirCanonicalOrderSays) {
  constexpr char32_t kMarks[] = {0x301, 0x323, 0x327, 0x345, 0x344, 0x3099, 0x5B0, 0x315, 0x31B};
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::u32string segment = U"ế";
    const std::size_t length = 2 + random() % 25;
    for (std::size_t i = 0; i < length; ++i) segment += kMarks[random() % std::size(kMarks)];
    // Marks that already are in order, and last, keep a long segment's beginning as it is alone.
    const std::u32string padding(40, U'\u0345');
    for (const NormalForm form : {NormalForm::kNfc, NormalForm::kNfd, NormalForm::kNfkc}) {
      ASSERT_EQ(Normal(form, segment + padding), Normal(form, segment) + padding);
    }
  }
}

TEST(UnicodeTest, LowerCase) {
  EXPECT_EQ(Lower(U"ABC Ä Ω"), U"abc ä ω");
  EXPECT_EQ(Lower(U"İ"), U"i\u0307");
  EXPECT_EQ(Lower(U"ΟΔΟΣ"), U"οδος");
  EXPECT_EQ(Lower(U"ΣΑΣ"), U"σας");
  EXPECT_EQ(Lower(U"Σ"), U"σ");
  EXPECT_EQ(Lower(U"ΑΣ'Α"), U"ασ'α");
  EXPECT_EQ(Lower(U"ΑΣ'"), U"ας'");
}

TEST(UnicodeTest, Properties) {
  EXPECT_TRUE(IsWhiteSpace(0x85) && IsWhiteSpace(0x3000) && !IsWhiteSpace(0x200B));
  EXPECT_FALSE(IsWhiteSpace(0x1C));
  EXPECT_TRUE(IsSpaceSeparator(0xA0) && !IsSpaceSeparator(0x2028) && !IsSpaceSeparator('\t'));
  EXPECT_TRUE(IsOther(0xAD) && IsOther(0xE000) && IsOther(0x378) && !IsOther('a'));
  EXPECT_TRUE(IsControl(0x7F) && IsControl(0x9F) && !IsControl(0xAD));
  EXPECT_TRUE(IsPunctuation(0x3002) && IsPunctuation('!') && !IsPunctuation('$'));
  EXPECT_TRUE(IsNonspacingMark(0x3099) && !IsNonspacingMark(0x302E));
}

TEST(UnicodeTest, Radicals) {
  EXPECT_EQ(IdeographOfRadical(0x2ED1), U'長');
  EXPECT_EQ(IdeographOfRadical(0x2E81), U'\u5382');
  EXPECT_EQ(IdeographOfRadical(0x2EF3), U'\u9F9F');
  for (const char32_t c : {0x2E7F, 0x2E80, 0x2E9A, 0x2EF4, 0x2F00}) {
    EXPECT_EQ(IdeographOfRadical(c), c);
  }
  // Where NFKC maps a radical as well, the two agree.
  for (const char32_t c : {U'\u2E9F', U'\u2EF3'}) {
    EXPECT_EQ(Normal(NormalForm::kNfkc, {c}), std::u32string{IdeographOfRadical(c)});
  }
}

}  // namespace
}  // namespace radie
