#include "libradie/heads/iob_labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "every_path.h"
#include "radie/error.h"

namespace radie {
namespace {

using Names = std::vector<std::string>;
using Path = std::vector<std::size_t>;
using Span = IobLabels::Span;

Schema TwoTypes() {
  Schema schema;
  schema.entity_types = {{"A", true}, {"B", false}};
  return schema;
}

// "A[0,2) B[3,4)"
std::string Text(const std::vector<Span>& spans) {
  std::string text;
  for (const Span& span : spans) {
    if (!text.empty()) text += ' ';
    text += (span.type == 0 ? "A[" : "B[") + std::to_string(span.tokens.begin) + "," +
            std::to_string(span.tokens.end) + ")";
  }
  return text;
}

std::string ReadNames(const Names& labels, const Names& tags) {
  Path path;
  for (const std::string& tag : tags) {
    path.push_back(std::find(labels.begin(), labels.end(), tag) - labels.begin());
  }
  return Text(IobLabels(labels, TwoTypes()).Read(path));
}

TEST(IobLabels, ReadsAPath) {
  for (const Names& labels :
       {Names{"O", "B-A", "I-A", "B-B", "I-B"}, Names{"I-B", "I-A", "B-B", "O", "B-A"}}) {
    EXPECT_EQ(ReadNames(labels, {}), "");
    EXPECT_EQ(ReadNames(labels, {"O", "O"}), "");
    EXPECT_EQ(ReadNames(labels, {"B-A", "I-A", "O", "B-B"}), "A[0,2) B[3,4)");
    EXPECT_EQ(ReadNames(labels, {"B-A", "B-A", "I-A", "B-B", "I-B"}), "A[0,1) A[1,3) B[3,5)");
    // What only an unconstrained path holds: an I- that opens.
    EXPECT_EQ(ReadNames(labels, {"I-A", "I-A", "O", "I-B"}), "A[0,2) B[3,4)");
    EXPECT_EQ(ReadNames(labels, {"B-A", "I-B", "I-B", "I-A"}), "A[0,1) B[1,3) A[3,4)");
  }
}

TEST(IobLabels, ConstrainsInsideToItsOwnType) {
  const TagConstraints constraints =
      IobLabels({"I-A", "O", "B-B", "B-A", "I-B"}, TwoTypes()).Constraints();
  EXPECT_EQ(constraints.start, (std::vector<bool>{false, true, true, true, false}));
  for (std::size_t from = 0; from < 5; ++from) {
    EXPECT_EQ(constraints.step[from * 5 + 0], from == 0 || from == 3) << from;
    EXPECT_EQ(constraints.step[from * 5 + 4], from == 4 || from == 2) << from;
    for (std::size_t to : {1, 2, 3}) EXPECT_TRUE(constraints.step[from * 5 + to]);
  }
}

TEST(IobLabels, RefusesOtherLabels) {
  EXPECT_THROW(IobLabels({"O", "S-A"}, TwoTypes()), Error);
  EXPECT_THROW(IobLabels({"O", "B-C"}, TwoTypes()), Error);
  EXPECT_THROW(IobLabels({"O", ""}, TwoTypes()), Error);
}

// The probability of every span of every type: the sum over all paths that read as it.
TEST(IobLabels, SpanProbabilityIsTheSumOfTheReadings) {
  std::mt19937 random(11);
  for (const Names& names : {Names{"O", "B-A", "I-A"}, Names{"O", "B-A", "I-A", "B-B", "I-B"},
                             Names{"I-B", "B-A", "O", "B-B", "I-A"},
                             Names{"B-A", "O", "B-B", "I-B"}, Names{"O", "I-A", "B-B"}}) {
    const IobLabels labels(names, TwoTypes());
    for (const TagConstraints& constraints : {TagConstraints{}, labels.Constraints()}) {
      for (std::size_t length = 1; length <= 4; ++length) {
        const testing::CrfCase c = testing::RandomCase(random, names.size(), length);
        const Crf crf = c.MakeCrf();
        const CrfMarginals marginals(crf, c.view(), constraints);
        const double partition =
            testing::LogSumOfPaths(c, constraints, [](const Path&) { return true; });
        for (std::size_t begin = 0; begin < length; ++begin) {
          for (std::size_t end = begin + 1; end <= length; ++end) {
            for (std::size_t type : {0, 1}) {
              const Span span{{begin, end}, type};
              auto reads_so = [&](const Path& path) {
                const std::vector<Span> spans = labels.Read(path);
                return std::any_of(spans.begin(), spans.end(), [&](const Span& other) {
                  return other.tokens == span.tokens && other.type == type;
                });
              };
              const double expected =
                  std::exp(testing::LogSumOfPaths(c, constraints, reads_so) - partition);
              EXPECT_NEAR(labels.Probability(marginals, span), expected, 1e-12) << Text({span});
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace radie
