#include "libradie/text/sentences.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "utf8_samples.h"

namespace radie {
namespace {

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> sentences;
  for (const TextRange range : SplitSentences(text, SentenceRules::kRadiologyJa)) {
    sentences.push_back(text.substr(range.begin, range.size()));
  }
  return sentences;
}

using Sentences = std::vector<std::string>;

TEST(SentencesTest, KnowsItsRules) {
  EXPECT_EQ(SentenceRulesFromName("none"), SentenceRules::kNone);
  EXPECT_EQ(SentenceRulesFromName("radiology-ja"), SentenceRules::kRadiologyJa);
  EXPECT_EQ(SentenceRulesFromName("radiology"), std::nullopt);
}

TEST(SentencesTest, EndsAtMarks) {
  EXPECT_EQ(Split("肺に結節。肝に嚢胞。"), (Sentences{"肺に結節。", "肝に嚢胞。"}));
  EXPECT_EQ(Split("結節? 嚢胞! 他"), (Sentences{"結節?", "嚢胞!", "他"}));
  EXPECT_EQ(Split("(変化なし。)次。」』】続"), (Sentences{"(変化なし。)", "次。」』】", "続"}));
  EXPECT_EQ(Split("3.5cmの結節"), (Sentences{"3.5cmの結節"}));
}

TEST(SentencesTest, EndsAtLinesThatAreNoHardWrap) {
  EXPECT_EQ(Split("肺\n肝\n\n腎"), (Sentences{"肺", "肝", "腎"}));
  EXPECT_EQ(Split("  肺 \n \n 肝  "), (Sentences{"肺", "肝"}));
}

TEST(SentencesTest, HardWraps) {
  const std::string sixteen = "あいうえおかきくけこさしすせそた";
  EXPECT_EQ(Split(sixteen + "\n続き"), (Sentences{sixteen + "\n続き"}));
  EXPECT_EQ(Split(sixteen + "\n  続き"), (Sentences{sixteen + "\n  続き"}));
  const std::string fifteen = "あいうえおかきくけこさしすせそ";
  EXPECT_EQ(Split(fifteen + "\n続き"), (Sentences{fifteen, "続き"}));
  // Three quarters of the longest line: 16 of 21 are, of 22 are not.
  EXPECT_EQ(Split(sixteen + "\n" + sixteen + "ちつてとな").size(), 1U);
  EXPECT_EQ(Split(sixteen + "\n" + sixteen + "ちつてとなに").size(), 2U);
  for (const char* next :
       {"・肺", "- 肺", "*肺", "●肺", "→肺", "※肺", "#1", "【肺", "〈肺", "《肺", "[肺", "<肺",
        " ・肺", "1.肺", "12)肺", "3。肺", "4、肺", "5:肺", "\n肺"}) {
    EXPECT_EQ(Split(sixteen + "\n" + next).size() > 1, true) << next;
  }
  for (const char* next : {"1肺", "(1)肺", "~肺", "12", ".肺", "3.5cm大", "13、10mm"}) {
    EXPECT_EQ(Split(sixteen + "\n" + next).size(), 1U) << next;
  }
  for (const char* end : {":", "】", "〉", "》", "]", ">", ": "}) {
    EXPECT_EQ(Split(sixteen + end + "\n続き").size(), 2U) << end;
  }
}

TEST(SentencesTest, Headings) {
  EXPECT_EQ(Split("【所見】肺に結節"), (Sentences{"【所見】", "肺に結節"}));
  EXPECT_EQ(Split("  <CT>肺に結節"), (Sentences{"<CT>", "肺に結節"}));
  EXPECT_EQ(Split("肺【所見】"), (Sentences{"肺【所見】"}));
  EXPECT_EQ(Split("【所見]肺"), (Sentences{"【所見]肺"}));
  const std::string nineteen = "あいうえおかきくけこさしすせそたちつて";
  EXPECT_EQ(Split("[" + nineteen + "]肺").size(), 2U);
  EXPECT_EQ(Split("[" + nineteen + "と]肺").size(), 1U);
  EXPECT_EQ(Split("[a。b]肺"), (Sentences{"[a。", "b]", "肺"}));
}

TEST(SentencesTest, NoneIsOneSentence) {
  const auto whole = [](std::string_view text) {
    return SplitSentences(text, SentenceRules::kNone);
  };
  EXPECT_EQ(whole(" 肺。\n肝。\n"), (std::vector<TextRange>{{1, 14}}));
  EXPECT_TRUE(whole(" \n\u3000").empty());
  EXPECT_TRUE(whole("").empty());
}

TEST(SentencesTest, CoverAllButWhiteSpaceInOrder) {
  std::mt19937 random(5);
  const char* const parts[] = {"。",
                               "!",
                               "\n",
                               "\n\n",
                               " ",
                               "　",
                               "【",
                               "】",
                               "肺に結節を認め",
                               "12",
                               ")",
                               "・",
                               ":",
                               "<",
                               ">",
                               "の",
                               "lobe",
                               ".",
                               "\r",
                               "これはかなり長い行であり折り返される"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t n = random() % 40; n > 0; --n) text += parts[random() % std::size(parts)];
    std::size_t last = 0;
    const auto blank = [&](std::size_t begin, std::size_t end) {
      std::string rest = text.substr(begin, end - begin);
      for (std::size_t at; (at = rest.find("\u3000")) != std::string::npos;) rest.erase(at, 3);
      return rest.find_first_not_of(" \n\r") == std::string::npos;
    };
    for (const TextRange range : SplitSentences(text, SentenceRules::kRadiologyJa)) {
      ASSERT_GE(range.begin, last);
      ASSERT_LT(range.begin, range.end);
      ASSERT_TRUE(blank(last, range.begin));
      ASSERT_FALSE(blank(range.begin, range.begin + Utf8Length(text[range.begin])));
      last = range.end;
    }
    ASSERT_TRUE(blank(last, text.size()));
  }
}

}  // namespace
}  // namespace radie
