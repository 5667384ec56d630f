#include "libradie/heads/tag_labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "every_path.h"
#include "radie/error.h"

namespace radie {
namespace {

using Names = std::vector<std::string>;
using Path = std::vector<std::size_t>;
using Span = TagLabels::Span;

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

std::string ReadNames(const Names& labels, const Names& tags,
                      LabelScheme scheme = LabelScheme::kIob2) {
  Path path;
  for (const std::string& tag : tags) {
    path.push_back(std::find(labels.begin(), labels.end(), tag) - labels.begin());
  }
  return Text(TagLabels(labels, TwoTypes(), scheme).Read(path));
}

TEST(TagLabels, ReadsAPath) {
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

TEST(TagLabels, ConstrainsInsideToItsOwnType) {
  const TagConstraints constraints =
      TagLabels({"I-A", "O", "B-B", "B-A", "I-B"}, TwoTypes()).Constraints();
  EXPECT_EQ(constraints.start, (std::vector<bool>{false, true, true, true, false}));
  for (std::size_t from = 0; from < 5; ++from) {
    EXPECT_EQ(constraints.step[from * 5 + 0], from == 0 || from == 3) << from;
    EXPECT_EQ(constraints.step[from * 5 + 4], from == 4 || from == 2) << from;
    for (std::size_t to : {1, 2, 3}) EXPECT_TRUE(constraints.step[from * 5 + to]);
  }
}

TEST(TagLabels, ReadsOtherSchemes) {
  const Names io = {"O", "I-A", "I-B", "[SEP]"};
  EXPECT_EQ(ReadNames(io, {"I-A", "I-A", "I-B", "O", "I-B"}, LabelScheme::kIo),
            "A[0,2) B[2,3) B[4,5)");
  EXPECT_EQ(ReadNames(io, {"I-A", "[SEP]", "I-A"}, LabelScheme::kIo), "A[0,1) A[2,3)");
  const Names iob = {"O", "B-A", "I-A"};
  EXPECT_EQ(ReadNames(iob, {"I-A", "I-A", "B-A", "I-A"}, LabelScheme::kIob1), "A[0,2) A[2,4)");
  const Names bioes = {"O", "B-A", "I-A", "E-A", "S-A", "S-B", "E-B"};
  EXPECT_EQ(ReadNames(bioes, {"B-A", "I-A", "E-A", "S-A", "S-B"}, LabelScheme::kBioes),
            "A[0,3) A[3,4) B[4,5)");
  // What only an unconstrained path holds.
  EXPECT_EQ(ReadNames(bioes, {"E-A", "I-A", "S-A", "B-A", "E-B"}, LabelScheme::kBioes),
            "A[0,1) A[1,2) A[2,3) A[3,4) B[4,5)");
}

// Every path of up to four labels, judged by a rule written out for the scheme.
TEST(TagLabels, ConstraintsAreTheSchemesRules) {
  const Names iob = {"O", "B-A", "I-A", "B-B", "I-B", "[CLS]"};
  const Names bioes = {"O", "B-A", "I-A", "E-A", "S-A", "B-B", "E-B"};
  const std::vector<std::pair<LabelScheme, Names>> schemes = {{LabelScheme::kIo, {"O", "I-A"}},
                                                              {LabelScheme::kIob1, iob},
                                                              {LabelScheme::kIob2, iob},
                                                              {LabelScheme::kBioes, bioes}};
  auto type = [](const std::string& label) {
    return label[0] == 'O' || label[0] == '[' ? std::string() : label.substr(2);
  };
  for (const auto& [scheme, names] : schemes) {
    const TagConstraints constraints = TagLabels(names, TwoTypes(), scheme).Constraints();
    auto well_formed = [&, scheme = scheme, &names = names](const Path& path) {
      for (std::size_t i = 0; i <= path.size(); ++i) {
        const std::string from = i == 0 ? "O" : names[path[i - 1]];
        const std::string to = i == path.size() ? "O" : names[path[i]];
        const bool same = !type(to).empty() && type(from) == type(to);
        const bool open = same && (from[0] == 'B' || from[0] == 'I');
        if (scheme == LabelScheme::kIob1 && i < path.size() && to[0] == 'B' && !same) return false;
        if (scheme == LabelScheme::kIob2 && to[0] == 'I' && !same) return false;
        if (scheme == LabelScheme::kBioes) {
          const bool inner = to[0] == 'I' || to[0] == 'E', after = from[0] == 'B' || from[0] == 'I';
          if (inner != after || (inner && !open)) return false;
        }
      }
      return true;
    };
    std::mt19937 random(3);
    for (std::size_t length = 1; length <= 4; ++length) {
      const testing::CrfCase c = testing::RandomCase(random, names.size(), length);
      std::size_t allowed = 0, expected = 0;
      testing::ForEachPath(c, constraints, [&](const Path& path) {
        ++allowed;
        EXPECT_TRUE(well_formed(path));
      });
      testing::ForEachPath(c, {}, [&](const Path& path) { expected += well_formed(path); });
      EXPECT_EQ(allowed, expected);
    }
  }
}

TEST(TagLabels, RefusesOtherLabels) {
  EXPECT_THROW(TagLabels({"O", "S-A"}, TwoTypes()), Error);
  EXPECT_THROW(TagLabels({"O", "B-C"}, TwoTypes()), Error);
  EXPECT_THROW(TagLabels({"O", ""}, TwoTypes()), Error);
  EXPECT_THROW(TagLabels({"O", "[]"}, TwoTypes()), Error);
  EXPECT_THROW(TagLabels({"O", "B-A"}, TwoTypes(), LabelScheme::kIo), Error);
  EXPECT_NO_THROW(TagLabels({"O", "S-A", "E-B"}, TwoTypes(), LabelScheme::kBioes));
}

// The probability of every span of every type: the sum over all paths that read as it. `skipped`
// positions at either end are in the path but are not read, as [CLS] and [SEP].
void ExpectProbabilities(const Names& names, LabelScheme scheme, std::size_t skipped) {
  std::mt19937 random(11);
  const TagLabels labels(names, TwoTypes(), scheme);
  for (const TagConstraints& constraints : {TagConstraints{}, labels.Constraints()}) {
    for (std::size_t length = 1; length <= 4 - skipped; ++length) {
      const std::size_t total = length + 2 * skipped;
      const testing::CrfCase c = testing::RandomCase(random, names.size(), total);
      const Crf crf = c.MakeCrf();
      const CrfMarginals marginals(crf, c.view(), constraints);
      const double partition =
          testing::LogSumOfPaths(c, constraints, [](const Path&) { return true; });
      EXPECT_NEAR(marginals.log_partition(), partition, 1e-9);
      const TokenRange read{skipped, skipped + length};
      for (std::size_t begin = read.begin; begin < read.end; ++begin) {
        for (std::size_t end = begin + 1; end <= read.end; ++end) {
          for (std::size_t type : {0, 1}) {
            const Span span{{begin, end}, type};
            auto reads_so = [&](const Path& path) {
              const std::vector<Span> spans =
                  labels.Read(std::span(path).subspan(read.begin, length));
              return std::any_of(spans.begin(), spans.end(), [&](const Span& other) {
                return other.tokens.begin + skipped == begin && other.tokens.end + skipped == end &&
                       other.type == type;
              });
            };
            const double expected =
                std::exp(testing::LogSumOfPaths(c, constraints, reads_so) - partition);
            EXPECT_NEAR(labels.Probability(marginals, span, read), expected, 1e-12) << Text({span});
          }
        }
      }
    }
  }
}

TEST(TagLabels, SpanProbabilityIsTheSumOfTheReadings) {
  for (const Names& names : {Names{"O", "B-A", "I-A"}, Names{"O", "B-A", "I-A", "B-B", "I-B"},
                             Names{"I-B", "B-A", "O", "B-B", "I-A"},
                             Names{"B-A", "O", "B-B", "I-B"}, Names{"O", "I-A", "B-B"}}) {
    for (std::size_t skipped : {0, 1}) {
      ExpectProbabilities(names, LabelScheme::kIob2, skipped);
      ExpectProbabilities(names, LabelScheme::kIob1, skipped);
    }
  }
  for (std::size_t skipped : {0, 1}) {
    ExpectProbabilities({"O", "I-A", "I-B", "[SEP]"}, LabelScheme::kIo, skipped);
    ExpectProbabilities({"O", "B-A", "I-A", "E-A", "S-A"}, LabelScheme::kBioes, skipped);
    ExpectProbabilities({"S-B", "E-A", "O", "B-A", "S-A", "B-B"}, LabelScheme::kBioes, skipped);
  }
}

}  // namespace
}  // namespace radie
