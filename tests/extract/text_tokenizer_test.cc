#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "radie/error.h"
#include "radie/tokenizer.h"

namespace radie {
namespace {

ErrorCode CodeOfMaking(std::shared_ptr<const Model> model, Stage stage) {
  try {
    TextTokenizer(std::move(model), stage);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(TextTokenizer, NeedsAModelWithTheStage) {
  EXPECT_EQ(CodeOfMaking(nullptr, Stage::kEntities), ErrorCode::kInvalidArgument);
  const auto demo = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  EXPECT_EQ(CodeOfMaking(demo, Stage::kEncoder), ErrorCode::kInvalidArgument);
}

TEST(TextTokenizer, TokensStandForTheCallersText) {
  const auto demo = Model::Load(RADIE_SOURCE_DIR "/weights_converter/demo/demo.radie");
  const TextTokenizer tokenizer(demo, Stage::kEntities);
  const std::string text = "㎜ﾌﾟの影。";
  std::string pieces;
  for (const TextToken& token : tokenizer.Tokenize(text)) {
    const Range bytes = token.span.utf8;
    pieces += token.text + "=" + text.substr(bytes.begin, bytes.end - bytes.begin) + " ";
  }
  EXPECT_EQ(pieces, "m=㎜ m=㎜ プ=ﾌﾟ の=の 影=影 。=。 ");
}

}  // namespace
}  // namespace radie
