// Which tokens a tagger's path runs over, and the heads' public face.
#include "libradie/extract/tag_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <span>

#include "radie/error.h"
#include "radie/heads.h"
#include "tests/extract/golden_cases.h"

namespace radie::internal {
namespace {

using Rows = std::vector<std::size_t>;
using Subwords = EntitiesConfig::Subwords;

TagPath MakePath(Subwords subwords, bool special_tokens) {
  EntitiesConfig config;
  config.subwords = subwords;
  config.special_tokens_in_path = special_tokens;
  return TagPath(config, Vocab({"a", "##b", "##", "c"}));
}

TEST(TagRows, OneTokenOfEachWord) {
  const std::vector<std::int32_t> ids = {0, 1, 1, 2, 3, 1};  // a ##b ##b | ## | c ##b
  EXPECT_EQ(TagRows(MakePath(Subwords::kAll, false), ids).rows(), (Rows{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(TagRows(MakePath(Subwords::kFirst, false), ids).rows(), (Rows{1, 4, 5}));
  EXPECT_EQ(TagRows(MakePath(Subwords::kLast, false), ids).rows(), (Rows{3, 4, 6}));
  EXPECT_EQ(TagRows(MakePath(Subwords::kLast, true), ids).rows(), (Rows{0, 3, 4, 6, 7}));
  const TagRows first(MakePath(Subwords::kFirst, true), ids);
  EXPECT_EQ(first.rows(), (Rows{0, 1, 4, 5, 7}));
  EXPECT_EQ(first.TokensOf({0, 1}), (TokenRange{0, 3}));
  EXPECT_EQ(first.TokensOf({1, 3}), (TokenRange{3, 6}));
}

TEST(TagRows, ASentenceMayBeginInsideAWord) {
  const std::vector<std::int32_t> ids = {1, 1, 0};
  EXPECT_EQ(TagRows(MakePath(Subwords::kFirst, false), ids).rows(), (Rows{1, 3}));
}

TEST(TagRows, SelectsItsRows) {
  const std::vector<std::int32_t> ids = {0, 1, 3};
  Tensor whole(5, 2);
  for (std::size_t r = 0; r < 5; ++r) whole.view().row(r)[0] = static_cast<float>(r);
  const Tensor selected = TagRows(MakePath(Subwords::kLast, true), ids).Select(whole.view());
  ASSERT_EQ(selected.rows(), 4u);
  const float expected[] = {0, 2, 3, 4};
  for (std::size_t r = 0; r < 4; ++r) EXPECT_EQ(selected.view().row(r)[0], expected[r]);
}

ErrorCode CodeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Heads, RefusesWhatDoesNotFit) {
  const auto golden = ReadGoldenJson("tagger.json");
  const Heads heads(LoadGolden(golden.at("cases")[0]));
  const std::vector<float> odd(17), states(32);
  const std::vector<std::int32_t> ids = {2, 4, 3}, wrong = {2, 1'000'000, 3};
  const std::vector<float> emissions(3 * golden.at("cases")[0].at("labels").size());
  EXPECT_EQ(heads.Labels(ids, emissions)[0], -1);
  EXPECT_GE(heads.Labels(ids, emissions)[1], 0);
  EXPECT_EQ(
      heads.Labels(std::span(ids).first(2), std::span(emissions).first(emissions.size() / 3 * 2)),
      (std::vector<std::int32_t>{-1, -1}));
  const ErrorCode refused = ErrorCode::kInvalidArgument;
  EXPECT_EQ(CodeOf([&] { Heads(nullptr); }), refused);
  EXPECT_EQ(CodeOf([&] { heads.Emissions(odd); }), refused);
  EXPECT_EQ(CodeOf([&] { heads.Labels(wrong, emissions); }), refused);
  EXPECT_EQ(CodeOf([&] { heads.Labels(ids, odd); }), refused);
  EXPECT_EQ(CodeOf([&] { heads.RelationLogits(states, {}); }), refused);

  const auto relation = ReadGoldenJson("relation.json");
  const Heads other(LoadGolden(relation.at("cases")[1]));
  EXPECT_EQ(CodeOf([&] { other.Emissions(states); }), refused);
  for (const HeadPair& bad : {HeadPair{{0}, {}}, HeadPair{{}, {0}}, HeadPair{{0}, {2}}}) {
    EXPECT_EQ(CodeOf([&] { other.RelationLogits(states, std::span(&bad, 1)); }), refused);
  }
  const HeadPair good{{0}, {1}};
  EXPECT_EQ(other.RelationLogits(states, std::span(&good, 1)).size(), 3u);
  EXPECT_TRUE(other.RelationLogits(states, {}).empty());
}

// With pooling `span` a pair gives all rows of a mention, and others must not.
TEST(Heads, ReadsWholeMentions) {
  int models = 0;
  const auto golden = ReadGoldenJson("relation.json");
  for (const auto& test_case : golden.at("cases")) {
    const std::string name = test_case.at("model");
    const bool whole = name == "relation_pair_span_cls_concat_r_bert.radie";
    if (!whole && name != "relation_pair_both_mean_tokens.radie") continue;
    SCOPED_TRACE(name);
    const Heads heads(LoadGolden(test_case));
    const std::vector<float> states(5 * 16, 0.5f);
    const HeadPair three{{1, 2, 3}, {4}}, gap{{1, 3}, {4}}, back{{2, 1}, {4}}, far{{3, 4, 5}, {1}};
    const auto code = [&](const HeadPair& pair) {
      return CodeOf([&] { heads.RelationLogits(states, std::span(&pair, 1)); });
    };
    const ErrorCode refused = ErrorCode::kInvalidArgument;
    EXPECT_EQ(code(three) == refused, !whole);
    EXPECT_EQ(code(gap) == refused, whole);
    EXPECT_EQ(code(back) == refused, whole);
    EXPECT_EQ(code(far), refused);
    ++models;
  }
  EXPECT_EQ(models, 2);
}

}  // namespace
}  // namespace radie::internal
