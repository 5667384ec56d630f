// text.normalization: names, lists of steps, and what is refused.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "libradie/model/config.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::FromBytes;
using testing::Json;
using testing::MetadataFile;
using testing::WholeMetadata;
using Kind = NormalizationStep::Kind;

ModelConfig Parsed(const std::string& normalization) {
  Json metadata = WholeMetadata();
  metadata["text"]["normalization"] = Json::parse(normalization);
  return ParseModelConfig(FromBytes(MetadataFile(metadata)));
}

TEST(NormalizationConfigTest, NamesAndLists) {
  EXPECT_TRUE(Parsed(R"("none")").normalization.empty());
  EXPECT_EQ(Parsed(R"("none")").normalization_name, "none");
  for (const auto& [name, kind] :
       std::vector<std::pair<std::string, Kind>>{{"nfkc", Kind::kNfkc},
                                                 {"radiology-ja", Kind::kRadiologyJa},
                                                 {"neologdn", Kind::kNeologdn},
                                                 {"h2z", Kind::kH2z},
                                                 {"newline_to_stop", Kind::kNewlineToStop}}) {
    for (const std::string& text : {'"' + name + '"', "[\"" + name + "\"]"}) {
      const ModelConfig config = Parsed(text);
      ASSERT_EQ(config.normalization.size(), 1U);
      EXPECT_EQ(config.normalization[0].kind, kind);
      EXPECT_EQ(config.normalization_name, name);
    }
  }
  const ModelConfig config = Parsed(
      R"([{"cut_header": "【所見】"}, {"cut_footer": "^以上$"}, {"cut": "a\"b"}, "nfkc",
          {"h2z": ["ascii", "kana"]}])");
  ASSERT_EQ(config.normalization.size(), 5U);
  EXPECT_EQ(config.normalization[0].kind, Kind::kCutHeader);
  EXPECT_EQ(config.normalization[0].pattern, "【所見】");
  EXPECT_EQ(config.normalization[1].kind, Kind::kCutFooter);
  EXPECT_EQ(config.normalization[2].pattern, "a\"b");
  EXPECT_TRUE(config.normalization[4].kana && config.normalization[4].ascii);
  EXPECT_FALSE(config.normalization[4].digits);
  EXPECT_EQ(
      config.normalization_name,
      "cut_header \"【所見】\", cut_footer \"^以上$\", cut \"a\\x22b\", nfkc, h2z of kana ascii");
}

TEST(NormalizationConfigTest, RefusesWhatIsNoStep) {
  struct Case {
    std::string normalization, message;
    ErrorCode code = ErrorCode::kInvalidModel;
  };
  std::string many = "\"nfkc\"";
  for (int i = 0; i < 16; ++i) many += ", \"h2z\"";
  for (const Case& bad : std::vector<Case>{
           {"1", "text.normalization: is neither a name nor an array of steps"},
           {"[]", "text.normalization: is neither a name nor an array of steps"},
           {R"({"cut": "a"})", "text.normalization: is neither a name nor an array of steps"},
           {R"("nfd")", "text.normalization: this version knows no step \"nfd\"",
            ErrorCode::kUnsupportedModel},
           {R"(["nfkc", "none"])", "text.normalization[1]: this version knows no step \"none\"",
            ErrorCode::kUnsupportedModel},
           {R"(["nfkc", {"strip": "a"}])",
            "text.normalization[1]: this version knows no step \"strip\"",
            ErrorCode::kUnsupportedModel},
           {"[null]", "text.normalization[0]: is no step"},
           {R"([["nfkc"]])", "text.normalization[0]: is no step"},
           {"[{}]", "text.normalization[0]: is no step"},
           {R"([{"cut": "a", "cut_header": "b"}])", "text.normalization[0]: is no step"},
           {R"(["cut"])", "text.normalization[0]: \"cut\" needs a pattern"},
           {R"([{"cut": ""}])", "text.normalization[0].cut: is no pattern"},
           {R"([{"cut_footer": ["a"]}])", "text.normalization[0].cut_footer: is no pattern"},
           {R"([{"nfkc": true}])", "text.normalization[0].nfkc: takes no setting"},
           {R"([{"h2z": []}])", "text.normalization[0].h2z: is no array"},
           {R"([{"h2z": "kana"}])", "text.normalization[0].h2z: is no array"},
           {R"([{"h2z": [1]}])", "text.normalization[0].h2z"},
           {R"([{"h2z": ["kanji"]}])", "text.normalization[0].h2z: \"kanji\" is none of",
            ErrorCode::kUnsupportedModel},
           {"[" + many + "]", "text.normalization: 17 steps, at most 16",
            ErrorCode::kUnsupportedModel}}) {
    const Refusal refusal = RefusalOf([&] { Parsed(bad.normalization); });
    EXPECT_EQ(refusal.code, bad.code) << bad.normalization << refusal.message;
    EXPECT_EQ(refusal.message.find(bad.message), 0U) << bad.normalization << refusal.message;
  }
}

}  // namespace
}  // namespace radie
