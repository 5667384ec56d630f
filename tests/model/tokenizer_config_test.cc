// A stage's tokenizer in the metadata, and the SentencePiece models beside it.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "libradie/model/base64.h"
#include "libradie/model/config.h"
#include "model_bytes.h"

namespace radie {
namespace {

using testing::FromBytes;
using testing::Json;
using testing::MetadataFile;
using testing::WholeMetadata;

TokenizerSettings Parsed(const std::function<void(Json&, Json&)>& change) {
  Json metadata = WholeMetadata();
  change(metadata["entities"]["tokenizer"], metadata);
  return ParseModelConfig(FromBytes(MetadataFile(metadata))).entities->tokenizer;
}

void ExpectRefused(const std::function<void(Json&, Json&)>& change, const std::string& part,
                   ErrorCode code = ErrorCode::kInvalidModel) {
  const Refusal refusal = RefusalOf([&] { Parsed(change); });
  EXPECT_EQ(refusal.code, code) << refusal.message << " | " << part;
  EXPECT_NE(refusal.message.find(part), std::string::npos) << refusal.message << " | " << part;
}

TEST(TokenizerConfigTest, EachProfileHasItsDefaults) {
  const auto of = [](const char* profile) {
    return Parsed([&](Json& tokenizer, Json&) { tokenizer["profile"] = profile; });
  };
  EXPECT_TRUE(of("bert-basic").do_lower_case);
  EXPECT_FALSE(of("bert-ja-mecab-ipadic").do_lower_case);
  EXPECT_EQ(of("bert-ja-mecab-ipadic").dictionary, "ipadic");
  EXPECT_EQ(of("bert-ja-mecab-unidic").dictionary, "unidic_lite");
  EXPECT_TRUE(of("bert-ja-mecab-unidic").normalize_text);
  EXPECT_EQ(of("bert-ja-char").words, WordSplitter::kNone);
  EXPECT_EQ(of("uth-bert").max_input_chars_per_word, 200u);
  EXPECT_EQ(of("bert-ja-mecab-ipadic").max_input_chars_per_word, 100u);
}

TEST(TokenizerConfigTest, ReadsTheSettingsOfMecab) {
  const TokenizerSettings settings = Parsed([](Json& tokenizer, Json&) {
    tokenizer["profile"] = "bert-ja-char";
    tokenizer["word_tokenizer"] = "mecab";
    tokenizer["dictionary"] = "my-own_dictionary.2";
    tokenizer["normalize_text"] = false;
    tokenizer["do_lower_case"] = true;
  });
  EXPECT_EQ(settings.words, WordSplitter::kMecab);
  EXPECT_EQ(settings.dictionary, "my-own_dictionary.2");
  EXPECT_FALSE(settings.normalize_text);
  EXPECT_TRUE(settings.do_lower_case);
}

TEST(TokenizerConfigTest, ADictionaryIsANameAndNoPath) {
  for (const char* name : {"", "/etc", "../ipadic", ".hidden", "a/b", "a b", "辞書"}) {
    ExpectRefused(
        [&](Json& tokenizer, Json&) {
          tokenizer["profile"] = "bert-ja-mecab-ipadic";
          tokenizer["dictionary"] = name;
        },
        "entities.tokenizer.dictionary: is no name");
  }
  EXPECT_FALSE(IsDictionaryName(std::string(65, 'a')));
  EXPECT_TRUE(IsDictionaryName(std::string(64, 'a')));
}

TEST(TokenizerConfigTest, RefusesWhatDoesNotGoTogether) {
  ExpectRefused(
      [](Json& tokenizer, Json&) {
        tokenizer["profile"] = "bert-ja-char";
        tokenizer["word_tokenizer"] = "mecab";
      },
      "entities.tokenizer.dictionary: is missing");
  ExpectRefused(
      [](Json& tokenizer, Json&) {
        tokenizer["profile"] = "bert-ja-char";
        tokenizer["word_tokenizer"] = "jumanpp";
      },
      "entities.tokenizer.word_tokenizer", ErrorCode::kUnsupportedModel);
  ExpectRefused([](Json& tokenizer, Json&) { tokenizer["profile"] = "sentencepiece"; },
                "metadata has no key sentencepiece.shared");
}

TEST(TokenizerConfigTest, ReadsSentencePieceModels) {
  Json metadata = WholeMetadata();
  metadata["entities"]["tokenizer"]["profile"] = "sentencepiece";
  metadata["sentencepiece.shared"] = "AAEC";
  const ModelConfig config = ParseModelConfig(FromBytes(MetadataFile(metadata)));
  EXPECT_EQ(config.sentencepieces.at("shared"), std::string("\0\1\2", 3));
  metadata["sentencepiece.shared"] = "AAE";
  EXPECT_EQ(RefusalOf([&] { ParseModelConfig(FromBytes(MetadataFile(metadata))); }).message,
            "metadata \"sentencepiece.shared\": is not base64");
  metadata["sentencepiece.shared"] = "";
  for (int i = 0; i < 8; ++i) metadata["sentencepiece." + std::to_string(i)] = "";
  EXPECT_EQ(RefusalOf([&] { ParseModelConfig(FromBytes(MetadataFile(metadata))); }).code,
            ErrorCode::kInvalidModel);
}

TEST(TokenizerConfigTest, RefusesASentencePieceModelOfMoreThan32Megabytes) {
  Json metadata = WholeMetadata();
  metadata["sentencepiece.big"] = std::string((std::size_t{32} << 20) / 3 * 4 + 4, 'A');
  const Refusal refusal = RefusalOf([&] { ParseModelConfig(FromBytes(MetadataFile(metadata))); });
  EXPECT_EQ(refusal.code, ErrorCode::kUnsupportedModel);
  EXPECT_NE(refusal.message.find("sentencepiece.big"), std::string::npos) << refusal.message;
}

TEST(Base64Test, TakesOnlyWholeBase64) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYg=="), "foob");
  EXPECT_EQ(DecodeBase64("+/8="), "\xfb\xff");
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "Zm 9", "Zm9v\n",
                           "Zg==Zg==", "Zm9\xff"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace radie
