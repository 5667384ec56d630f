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

TEST(FhirText, ForbiddenCharactersAreReplacedOneForOne) {
  EXPECT_EQ(FhirString(std::string("a\0b\x1b"
                                   "c\td\n\xFF",
                                   9)),
            "a\uFFFDb\uFFFDc\td\n\uFFFD");
  EXPECT_EQ(FhirXhtml("<script>&\n\r肺"), "&lt;script&gt;&amp;<br/>肺");
}

TEST(FhirText, UrnsAreUuidsOfTheirOwn) {
  const std::string urn = FhirUrn("r1", "report");
  ASSERT_EQ(urn.size(), 45u);
  EXPECT_EQ(urn.substr(0, 9), "urn:uuid:");
  EXPECT_EQ(urn[9 + 14], '8');
  EXPECT_NE(std::string("89ab").find(urn[9 + 19]), std::string::npos);
  for (const std::size_t at : {8, 13, 18, 23}) EXPECT_EQ(urn[9 + at], '-');
  EXPECT_EQ(urn, FhirUrn("r1", "report"));
  EXPECT_NE(urn, FhirUrn("r1r", "eport"));
}

TEST(FhirText, HeadingsTellTheImpression) {
  const FhirSections sections =
      SplitSections("胸部CT\n【所見】\n結節あり。\n【診断】肺癌疑い。\n次行。\n[その他] なし");
  EXPECT_EQ(sections.findings, "胸部CT\n【所見】\n結節あり。\n[その他] なし");
  EXPECT_EQ(sections.impression, "【診断】肺癌疑い。\n次行。\n");
  EXPECT_EQ(SplitSections("[Impression]\nx").impression, "[Impression]\nx");
  EXPECT_EQ(SplitSections("【診断").impression, "");
  EXPECT_EQ(SplitSections("").findings, "");
}

}  // namespace
}  // namespace radie
