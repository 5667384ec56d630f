#include "libradie/extract/marked_sequence.h"

#include <gtest/gtest.h>

namespace radie::internal {
namespace {

class MarkedSequenceTest : public ::testing::Test {
 protected:
  // Ids: [CLS] 0, [SEP] 1, [UNK] 2.
  const std::shared_ptr<const Vocab> vocab_ =
      std::make_shared<const Vocab>(std::vector<std::string>{"[CLS]", "[SEP]", "[UNK]"});
  const std::unique_ptr<const Tokenizer> tokenizer_ = MakeTokenizer({}, vocab_);
  const std::vector<std::int32_t> tokens_ = {10, 11, 12, 13, 14};
};

TEST_F(MarkedSequenceTest, MarkersStandDirectlyRoundTheirTokens) {
  std::vector<MarkedMention> mentions = {{{1, 2}, 20, 21}, {{2, 4}, 30, 31}};
  EXPECT_EQ(BuildMarkedSequence(tokens_, {0, 5}, *tokenizer_, mentions),
            (std::vector<std::int32_t>{0, 10, 20, 11, 21, 30, 12, 13, 31, 14, 1}));
  EXPECT_EQ(mentions[0].start_row, 2u);
  EXPECT_EQ(mentions[0].end_row, 4u);
  EXPECT_EQ(mentions[1].start_row, 5u);
  EXPECT_EQ(mentions[1].end_row, 8u);
}

TEST_F(MarkedSequenceTest, MentionsAtBothEdgesOfAClippedText) {
  std::vector<MarkedMention> mentions = {{{1, 2}, 20, 21}, {{3, 4}, 30, 31}};
  EXPECT_EQ(BuildMarkedSequence(tokens_, {1, 4}, *tokenizer_, mentions),
            (std::vector<std::int32_t>{0, 20, 11, 21, 12, 30, 13, 31, 1}));
}

TEST_F(MarkedSequenceTest, TwoMentionsOnOneToken) {
  std::vector<MarkedMention> mentions = {{{1, 2}, 20, 21}, {{1, 2}, 30, 31}};
  EXPECT_EQ(BuildMarkedSequence(tokens_, {0, 3}, *tokenizer_, mentions),
            (std::vector<std::int32_t>{0, 10, 20, 30, 11, 21, 31, 12, 1}));
}

}  // namespace
}  // namespace radie::internal
