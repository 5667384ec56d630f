#include "libradie/exchange/fhir_text.h"

#include <gtest/gtest.h>

#include <string>

#include "libradie/base/sha256.h"
#include "radie/fhir.h"

namespace radie {
namespace {

// FIPS 180-4's own examples, and every length around a block's end against one long-known value.
TEST(Sha256, PublishedExamples) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnySizeAreTheWhole) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 1; size <= 200; ++size) {
    Sha256Hasher hasher;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      hasher.Add(std::string_view(bytes).substr(at, size));
    }
    EXPECT_EQ(hasher.Finish(), Sha256(bytes)) << size;
  }
}

TEST(FhirText, ForbiddenCharactersAreReplacedOneForOne) {
  EXPECT_EQ(FhirString(std::string("a\0b\x1b"
                                   "c\td\n\xFF",
                                   9)),
            "a\uFFFDb\uFFFDc\td\n\uFFFD");
  EXPECT_EQ(FhirXhtml("<script>&\n\r肺"), "&lt;script&gt;&amp;<br/><br/>肺");
}

// XML has no U+FFFE and no U+FFFF.
TEST(FhirText, NoncharactersAreReplaced) {
  EXPECT_EQ(FhirString("a\uFFFEb\uFFFFc\uFFFD"), "a\uFFFDb\uFFFDc\uFFFD");
  EXPECT_EQ(FhirXhtml("a\uFFFEb\uFFFFc"), "a\uFFFDb\uFFFDc");
}

TEST(FhirText, EveryLineEndIsABreak) {
  EXPECT_EQ(FhirXhtml("a\nb\rc\r\nd\r\r\ne\r"), "a<br/>b<br/>c<br/>d<br/><br/>e<br/>");
}

TEST(FhirText, UrnsAreUuidsOfTheirOwn) {
  const std::string urn = FhirUrns("r1").Of("report");
  ASSERT_EQ(urn.size(), 45u);
  EXPECT_EQ(urn.substr(0, 9), "urn:uuid:");
  EXPECT_EQ(urn[9 + 14], '8');
  EXPECT_NE(std::string("89ab").find(urn[9 + 19]), std::string::npos);
  for (const std::size_t at : {8, 13, 18, 23}) EXPECT_EQ(urn[9 + at], '-');
  EXPECT_EQ(urn, FhirUrns("r1").Of("report"));
  EXPECT_NE(urn, FhirUrns("r1r").Of("eport"));
}

TEST(FhirText, HeadingsTellTheImpression) {
  const FhirSections sections =
      SplitSections("胸部CT\n【所見】\n結節あり。\n【診断】肺癌疑い。\n次行。\n[その他] なし");
  EXPECT_EQ(sections.findings, "胸部CT\n【所見】\n結節あり。\n[その他] なし");
  EXPECT_EQ(sections.impression, "【診断】肺癌疑い。\n次行。\n");
  EXPECT_EQ(SplitSections("[Impression]\nx").impression, "[Impression]\nx");
  EXPECT_EQ(SplitSections("【診断").impression, "");
  for (const char* title : {"診断", "画像診断", "結論", "結語", "印象", "まとめ", "IMPRESSION",
                            "Conclusion", " 診断　"}) {
    const std::string text = "【" + std::string(title) + "】\nx";
    EXPECT_EQ(SplitSections(text).impression, text);
  }
  EXPECT_EQ(SplitSections("").findings, "");
}

TEST(FhirText, OtherTitlesWithTheWordInThemBeginNoImpression) {
  for (const char* title : {"臨床診断", "画像診断報告書", "依頼時診断名", "まとめ読み"}) {
    EXPECT_EQ(SplitSections("【" + std::string(title) + "】\nx").impression, "") << title;
  }
}

TEST(FhirText, ANumberInBracketsIsNoHeading) {
  const std::string text = "【診断】\n[1] 肺癌疑い。\n［２］胸水。\n[-] x\n【】\n[2026/1/31] y\n";
  EXPECT_EQ(SplitSections(text).impression, text);
}

TEST(FhirText, HeadingsBehindSpacesABomAndAnyLineEnd) {
  EXPECT_EQ(SplitSections("\uFEFF【診断】x").impression, "\uFEFF【診断】x");
  EXPECT_EQ(SplitSections("a\n \t　【診断】x").impression, " \t　【診断】x");
  const FhirSections sections = SplitSections("【所見】\ra\r【診断】\rb\r【その他】\rc");
  EXPECT_EQ(sections.findings, "【所見】\ra\r【その他】\rc");
  EXPECT_EQ(sections.impression, "【診断】\rb\r");
  EXPECT_EQ(SplitSections("a\r\n【診断】b\r\nc\r\n").impression, "【診断】b\r\nc\r\n");
}

}  // namespace
}  // namespace radie
