// What several descriptors of one object come to.
#include "libradie/certainty/combine.h"

#include <gtest/gtest.h>

namespace radie::internal {
namespace {

using enum CertaintyClass;
using Indices = std::vector<std::size_t>;

Combined Of(const std::vector<CertaintyClass>& classes, std::size_t before = 0) {
  std::vector<Descriptor> descriptors;
  for (std::size_t i = 0; i < classes.size(); ++i)
    descriptors.push_back({i, classes[i], i < before});
  return Combine(descriptors);
}

TEST(Combine, OneDecidesAlone) {
  for (const CertaintyClass value : {kDenial, kUnlikely, kMayRepresent, kLikely, kDefinite}) {
    EXPECT_EQ(Of({value}).value, value);
    EXPECT_EQ(Of({value}, 1).value, value);
    EXPECT_EQ(Of({value}).sources, Indices{0});
  }
}

TEST(Combine, TheWeakestDecides) {
  EXPECT_EQ(Of({kDefinite, kLikely}).value, kLikely);  // 浸潤ありと考えます
  EXPECT_EQ(Of({kDefinite, kLikely}).sources, Indices{1});
  EXPECT_EQ(Of({kMayRepresent, kLikely}).value, kMayRepresent);
  EXPECT_EQ(Of({kMayRepresent, kUnlikely}).value, kUnlikely);  // 鑑別に挙がるが可能性が低い
  EXPECT_EQ(Of({kLikely, kMayRepresent, kMayRepresent}).sources, (Indices{1, 2}));
}

TEST(Combine, ADenialThatIsHedgedIsUnlikely) {
  EXPECT_EQ(Of({kDenial, kLikely}).value, kUnlikely);  // なしと考えます
  EXPECT_EQ(Of({kDenial, kLikely}).sources, (Indices{0, 1}));
  EXPECT_EQ(Of({kDenial, kDenial}).value, kDenial);
}

TEST(Combine, ADenialBesideAPresenceIsAboutAnotherPlace) {
  EXPECT_EQ(Of({kDefinite, kDenial}).value, kDefinite);  // 右に認め、左にはない
  EXPECT_EQ(Of({kDefinite, kDenial}).sources, Indices{0});
  EXPECT_EQ(Of({kDenial, kDefinite}).value, kDefinite);
  EXPECT_EQ(Of({kLikely, kDenial}).value, kLikely);
  EXPECT_EQ(Of({kDenial, kLikely, kDefinite}).value, kLikely);
}

TEST(Combine, WhatStandsInFrontGivesWay) {
  EXPECT_EQ(Of({kDefinite, kDenial}, 1).value, kDenial);  // 造影効果を示す結節は認めません
  EXPECT_EQ(Of({kDefinite, kDenial}, 1).sources, Indices{1});
  EXPECT_EQ(Of({kLikely, kDenial}, 1).value, kDenial);  // 疑う, where it was linked to 病変
  EXPECT_EQ(Of({kMayRepresent, kUnlikely}, 1).sources, Indices{1});
  EXPECT_EQ(Of({kMayRepresent, kLikely}, 1).value, kMayRepresent);  // only a presence gives way
  EXPECT_EQ(Of({kDefinite, kLikely}, 1).sources, Indices{1});
  EXPECT_EQ(Of({kDefinite, kDenial}, 2).value, kDefinite);  // nothing stands behind
}

}  // namespace
}  // namespace radie::internal
