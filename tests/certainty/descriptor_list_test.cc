// The list of descriptors: its format, its patterns, and the list that is compiled in.
#include "libradie/certainty/descriptor_list.h"

#include <gtest/gtest.h>

#include <string>

#include "radie/certainty.h"
#include "radie/error.h"

namespace radie {
namespace {

using internal::DescriptorList;
using internal::FitsPattern;
using enum CertaintyClass;

TEST(FitsPattern, StarsStandForAnything) {
  EXPECT_TRUE(FitsPattern("ab", "ab"));
  EXPECT_FALSE(FitsPattern("abc", "ab"));
  EXPECT_FALSE(FitsPattern("ab", "abc"));
  EXPECT_TRUE(FitsPattern("", ""));
  EXPECT_FALSE(FitsPattern("a", ""));
  EXPECT_TRUE(FitsPattern("", "*"));
  EXPECT_TRUE(FitsPattern("abc", "*"));
  EXPECT_TRUE(FitsPattern("abc", "*c"));
  EXPECT_FALSE(FitsPattern("abc", "*b"));
  EXPECT_TRUE(FitsPattern("abc", "a*"));
  EXPECT_TRUE(FitsPattern("abcabc", "*b*c"));
  EXPECT_FALSE(FitsPattern("abcab", "*b*c"));
  EXPECT_TRUE(FitsPattern("aba", "a*a"));
  EXPECT_FALSE(FitsPattern("a", "a*a"));  // the two a are not one
  EXPECT_TRUE(FitsPattern("abc", "**b**"));
  EXPECT_FALSE(FitsPattern("abc", "*cb*"));
}

TEST(DescriptorList, WholeBeforePatternsAndTheFirstPatternFirst) {
  const auto list =
      DescriptorList::Parse("# c\n*疑*\tlikely\n*疑わない\tdenial\n\n疑わない\tunlikely");
  EXPECT_EQ(list.whole(), 1u);
  EXPECT_EQ(list.patterns(), 2u);
  EXPECT_EQ(list.Find("疑わない"), kUnlikely);
  EXPECT_EQ(list.Find("強く疑わない"), kLikely);
  EXPECT_EQ(list.Find("認める"), std::nullopt);
}

TEST(DescriptorList, RefusesWhatItCannotUse) {
  const auto message = [](std::string_view text) -> std::string {
    try {
      DescriptorList::Parse(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("あり definite"), "descriptors:1: not a descriptor, a tab and a class");
  EXPECT_EQ(message("\n\tdefinite"), "descriptors:2: not a descriptor, a tab and a class");
  EXPECT_EQ(message("あり\tmaybe"), "descriptors:1: no such class");
  EXPECT_EQ(message("（＋）\tdefinite"), "descriptors:1: the entry is not folded");
  EXPECT_EQ(message("あり\tdefinite\nあり\tlikely"), "descriptors:2: the entry stands there twice");
  EXPECT_EQ(message("*あ\tdefinite\n*あ\tlikely"), "descriptors:2: the entry stands there twice");
}

TEST(BuiltInDescriptors, AreReadAndEveryClassOccurs) {
  const DescriptorList& list = DescriptorList::BuiltIn();
  EXPECT_GT(list.whole(), 700u);
  EXPECT_GT(list.patterns(), 200u);
}

TEST(ClassifyDescriptor, KnowsTheUsualOnesInAnyWriting) {
  EXPECT_EQ(ClassifyDescriptor("認めます"), kDefinite);
  EXPECT_EQ(ClassifyDescriptor("認め\nます"), kDefinite);
  EXPECT_EQ(ClassifyDescriptor("（＋）"), kDefinite);
  EXPECT_EQ(ClassifyDescriptor("疑います"), kLikely);
  EXPECT_EQ(ClassifyDescriptor("S/O"), kLikely);
  EXPECT_EQ(ClassifyDescriptor("矛盾しません"), kLikely);
  EXPECT_EQ(ClassifyDescriptor("可能性があります"), kMayRepresent);
  EXPECT_EQ(ClassifyDescriptor("否定できません"), kMayRepresent);
  EXPECT_EQ(ClassifyDescriptor("考えにくい"), kUnlikely);
  EXPECT_EQ(ClassifyDescriptor("可能性は低い"), kUnlikely);
  EXPECT_EQ(ClassifyDescriptor("指摘できません"), kDenial);
  EXPECT_EQ(ClassifyDescriptor("疑うような所見はありません"), kDenial);
  EXPECT_EQ(ClassifyDescriptor("（－）"), kDenial);
}

// None of these is listed as a whole.
TEST(ClassifyDescriptor, PatternsReachUnseenForms) {
  const DescriptorList& list = DescriptorList::BuiltIn();
  const std::pair<const char*, CertaintyClass> kUnseen[] = {
      {"明瞭に認められております", kDefinite}, {"強く疑われております", kLikely},
      {"可能性が高そうです", kLikely},         {"可能性も否定しきれないところです", kMayRepresent},
      {"除外まではできません", kMayRepresent}, {"可能性はかなり低そうです", kUnlikely},
      {"積極的に疑わない所です", kUnlikely},   {"描出されておりません", kDenial},
      {"示唆する所見に欠けてない", kDenial},   {"矛盾しないものと考えます", kLikely},
      {"ないように思われます", kUnlikely},     {"疑う像も捉えられず", kDenial}};
  for (const auto& [text, value] : kUnseen) {
    EXPECT_EQ(list.Find(text), value) << text;
  }
  EXPECT_EQ(ClassifyDescriptor("右肺"), std::nullopt);
  EXPECT_EQ(ClassifyDescriptor(""), std::nullopt);
  EXPECT_THROW(ClassifyDescriptor("\xFF"), Error);
}

TEST(ClassifyDescriptor, WordsThatHoldTheirReverse) {
  const std::pair<const char*, CertaintyClass> kWords[] = {
      {"かも知れません", kMayRepresent},
      {"違いありません", kDefinite},
      {"相違ありません", kDefinite},
      {"違いないと考えます", kDefinite},
      {"疑わざるをえない", kLikely},
      {"みなして構いません", kLikely},
      {"否定できます", kUnlikely},
      {"否定できません", kMayRepresent},
      {"否定されました", kUnlikely},
      {"否定されません", kMayRepresent},
      {"認めなくなり", kDenial},
      {"描出されなくなり", kDenial},
      {"有り得る", kMayRepresent},
      {"有り得ません", kDenial},
      {"皆無とはいえません", kMayRepresent},
      {"あるとはいえません", kUnlikely},
      {"否定できるとはいえません", kMayRepresent},
      {"除外しにくい", kMayRepresent},
      {"断定するまでには至らない", kMayRepresent},
      {"否定する理由はありません", kMayRepresent}};
  for (const auto& [text, value] : kWords) EXPECT_EQ(ClassifyDescriptor(text), value) << text;
}

TEST(CertaintyName, LeadsBack) {
  for (const CertaintyClass value : {kDenial, kUnlikely, kMayRepresent, kLikely, kDefinite}) {
    EXPECT_EQ(CertaintyFromName(CertaintyName(value)), value);
  }
  EXPECT_EQ(CertaintyFromName("may represent"), std::nullopt);
}

}  // namespace
}  // namespace radie
