#include "libradie/text/normalize.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "exact_map.h"
#include "utf8_samples.h"

namespace radie {
namespace {

using namespace std::string_literals;

constexpr NormalizationProfile kProfiles[] = {
    NormalizationProfile::kNone, NormalizationProfile::kNfkc, NormalizationProfile::kRadiologyJa};

std::string Radiology(const std::string& text) {
  return Normalize(Document::Decode(text), NormalizationProfile::kRadiologyJa).text;
}

// The source that the first occurrence of `part` in the normalised text came from.
std::string SourceOf(const std::string& text, const std::string& part) {
  const NormalizedText normalized =
      Normalize(Document::Decode(text), NormalizationProfile::kRadiologyJa);
  const std::size_t begin = normalized.text.find(part);
  if (begin == std::string::npos) return "not found";
  const SourceRange source = normalized.map.ToSource({begin, begin + part.size()});
  return text.substr(source.begin, source.size());
}

TEST(NormalizeTest, WhiteSpaceAndControls) {
  EXPECT_EQ(Radiology("\ufeffa\r\nb\rc\td\u3000e\u00a0f\vg\fh\u0085i\u2028j"s),
            "a\nb\nc d e f g h i j");
  EXPECT_EQ(Radiology("a\0b\x01\x1f\x7f\u0080\u009f\u200b\u200c\u200d\u2060\ufeff"s
                      "c"s),
            "abc");
  EXPECT_EQ(Radiology("\u00ad\u202e"), "\u00ad\u202e");  // format characters that no rule names
}

TEST(NormalizeTest, RadicalsAndCompatibility) {
  EXPECT_EQ(Radiology("最⻑径⼤⻘"), "最長径大青");
  EXPECT_EQ(Radiology("\u2e9a\u2e80"), "\u2e9a\u2e80");  // unassigned; no equivalent
  EXPECT_EQ(Radiology("ＣＴ①ｶﾞﾊﾟか\u3099㎜㍉"), "CT1ガパがmmミリ");
  EXPECT_EQ(Radiology("½…"), "1⁄2...");
}

TEST(NormalizeTest, SingleCharacters) {
  EXPECT_EQ(Radiology("〜∼～"), "~~~");
  EXPECT_EQ(Radiology("−‐‑‒–—―－"), "--------");
  EXPECT_EQ(Radiology("∙•･"), "・・・");
  EXPECT_EQ(Radiology("✕✖⨯×"), "××××");
  EXPECT_EQ(Radiology("ー"), "ー");
}

TEST(NormalizeTest, StopsAndCommas) {
  EXPECT_EQ(Radiology("認める．なし，"), "認める。なし、");
  EXPECT_EQ(Radiology("3.5cm、1,200、３．５"), "3.5cm、1,200、3.5");
  EXPECT_EQ(Radiology("No. 5"), "No. 5");
  EXPECT_EQ(Radiology("mass. A, B"), "mass. A、 B");
  EXPECT_EQ(Radiology("mass.\nA"), "mass。\nA");
  EXPECT_EQ(Radiology("mass.  A"), "mass。  A");
  EXPECT_EQ(Radiology("12mm."), "12mm。");
  EXPECT_EQ(Radiology(".5"), "。5");
  EXPECT_EQ(Radiology("以上...."), "以上....");
  EXPECT_EQ(Radiology("あ‥い．．う…."), "あ..い..う....");
  EXPECT_EQ(Radiology(",,"), "、、");
  EXPECT_EQ(Radiology("a.,b"), "a。、b");
  EXPECT_EQ(Radiology("⒈"), "1。");  // one piece holds the figure and the stop
}

TEST(NormalizeTest, SourcesOfParts) {
  EXPECT_EQ(SourceOf("右ｶﾞ①\r\n", "ガ"), "ｶﾞ");
  EXPECT_EQ(SourceOf("右ｶﾞ①\r\n", "\n"), "\r\n");
  EXPECT_EQ(SourceOf("径8㎜大", "m"), "㎜");
  EXPECT_EQ(SourceOf("径8㎜大", "8mm大"), "8㎜大");
  EXPECT_EQ(SourceOf("か\0\u3099き"s, "が"), "か\0\u3099"s);
  EXPECT_EQ(SourceOf("\ufeff肺．", "肺。"), "肺．");
  EXPECT_EQ(SourceOf("⒈肺", "。"), "⒈");
  EXPECT_EQ(SourceOf("a，b．肺", "。"), "．");
  EXPECT_EQ(SourceOf("最⻑", "長"), "⻑");
}

TEST(NormalizeTest, OffsetsHoldForRandomUnicode) {
  for (const std::string& text : SampleTexts(1500)) {
    const Document document = Document::Decode(text);
    for (const NormalizationProfile profile : kProfiles) {
      ASSERT_NO_FATAL_FAILURE(ExpectExactMap(Normalize(document, profile), text));
    }
  }
}

TEST(NormalizeTest, NoneIsTheIdentity) {
  for (const std::string& text : SampleTexts(50)) {
    const NormalizedText normalized =
        Normalize(Document::Decode(text), NormalizationProfile::kNone);
    ASSERT_EQ(normalized.text, text);
    for (const std::size_t end : Boundaries(text)) {
      if (end == 0) continue;
      ASSERT_EQ(normalized.map.ToSource({0, end}), (SourceRange{0, end}));
    }
  }
}

TEST(NormalizeTest, NormalisingTwiceChangesNothing) {
  for (const std::string& text : SampleTexts(500)) {
    const std::string nfkc = Normalize(Document::Decode(text), NormalizationProfile::kNfkc).text;
    ASSERT_EQ(Normalize(Document::Decode(nfkc), NormalizationProfile::kNfkc).text, nfkc);
  }
}

// A run of marks in the worst order for an insertion sort: seconds if time were quadratic.
TEST(NormalizeTest, LongRunsOfMarksTakeLinearTime) {
  std::string text = "a", sorted = "ạ";
  for (int i = 0; i < 100'000; ++i) text += "\u0301\u0323";
  for (int i = 0; i < 99'999; ++i) sorted += "\u0323";
  for (int i = 0; i < 100'000; ++i) sorted += "\u0301";
  const auto begin = std::chrono::steady_clock::now();
  const NormalizedText normalized =
      Normalize(Document::Decode(text), NormalizationProfile::kRadiologyJa);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_TRUE(normalized.text == sorted);
  EXPECT_EQ(normalized.map.ToSource({0, 3}), (SourceRange{0, text.size()}));
}

}  // namespace
}  // namespace radie
