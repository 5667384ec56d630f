// From a mention to its codes: folding, whole and contained terms, ambiguity.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "libradie/terms/folded_text.h"
#include "radie/terms.h"

namespace radie {
namespace {

// "CODE" for a whole mention, "TERM>CODE" for a term in it.
std::vector<std::string> Codes(const TermTable& table, const std::string& mention) {
  std::vector<std::string> codes;
  for (const TermCode& code : table.Find(mention)) {
    codes.push_back(code.whole ? code.code : code.term + ">" + code.code);
  }
  return codes;
}

using List = std::vector<std::string>;

TEST(TermFind, FoldsWidthsRadicalsCaseAndWhiteSpace) {
  const TermTable table = TermTable::Parse(
      "すりガラス影\t1\tx\nGGN\t2\tx\n最大径\t3\tx\n胸 膜 陥入\t4\tx\nＳ８\t5\tx\nがん\t6\tx\n");
  EXPECT_EQ(Codes(table, "すりｶﾞﾗｽ影"), List{"1"});
  EXPECT_EQ(Codes(table, "すりガ\r\nラス影"), List{"1"});
  EXPECT_EQ(Codes(table, "ｇｇｎ"), List{"2"});
  EXPECT_EQ(Codes(table, "Ggn"), List{"2"});
  EXPECT_EQ(Codes(table, "最⼤径"), List{"3"});
  EXPECT_EQ(Codes(table, "胸膜\u3000陥\t入"), List{"4"});
  EXPECT_EQ(Codes(table, "s 8"), List{"5"});
  EXPECT_EQ(Codes(table, "か\u3099ん"), List{"6"});
  EXPECT_EQ(Codes(table, "ggm"), List{});
  EXPECT_EQ(Codes(table, ""), List{});
  EXPECT_EQ(Codes(table, "\n \u200b"), List{});
  EXPECT_EQ(table.Find("Ggn")[0].term, "GGN");  // as the table writes it
}

TEST(TermFind, TheWholeMentionComesFirstThenTheLongestTermInIt) {
  const TermTable table =
      TermTable::Parse("肺\t1\tx\n肺癌\t2\tx\n原発性肺癌\t3\tx\n結節\t4\tx\n肺結節\t5\tx\n");
  EXPECT_EQ(Codes(table, "原発性肺癌"), List{"3"});
  EXPECT_EQ(Codes(table, "肺癌"), List{"2"});
  EXPECT_EQ(Codes(table, "転移性肺癌疑い"), List{"肺癌>2"});
  EXPECT_EQ(Codes(table, "肺腺癌"), List{"肺>1"});
  EXPECT_EQ(Codes(table, "多発肺結節"), List{"肺結節>5"});
  EXPECT_EQ(Codes(table, "肝嚢胞"), List{});
}

TEST(TermFind, AllOfTheLongestInTheOrderOfTheMention) {
  const TermTable table = TermTable::Parse("空洞\t1\tx\n結節\t2\tx\n影\t3\tx\n洞結\t4\tx\n");
  EXPECT_EQ(Codes(table, "結節と空洞"), (List{"結節>2", "空洞>1"}));
  EXPECT_EQ(Codes(table, "結節、結節影"), List{"結節>2"});  // each once
  EXPECT_EQ(Codes(table, "空洞結節"),
            (List{"空洞>1", "洞結>4", "結節>2"}));  // overlapping ones too
}

TEST(TermFind, AmbiguityIsListedInTheOrderOfTheFile) {
  const TermTable table =
      TermTable::Parse("CA\t9\tcancer\n結節\t7\tx\nｃａ\t1\tcalcium\nca\t5\tartery\n");
  EXPECT_EQ(Codes(table, "Ca"), (List{"9", "1", "5"}));
  EXPECT_EQ(Codes(table, "肺Ca"), (List{"CA>9", "ｃａ>1", "ca>5"}));
}

TEST(TermFind, LengthsAreCodePoints) {
  const TermTable table = TermTable::Parse("ggo\t1\tx\n結節\t2\tx\n𠮷𠮷\t3\tx\n");
  EXPECT_EQ(Codes(table, "ggo結節𠮷𠮷"), List{"ggo>1"});
  EXPECT_EQ(Codes(table, "𠮷𠮷結節"), (List{"𠮷𠮷>3", "結節>2"}));
}

TEST(TermFind, NoTermInsideALatinWordOrANumber) {
  const TermTable table = TermTable::Parse("S1\t1\tx\nmass\t2\tx\nct\t3\tx\n");
  EXPECT_EQ(Codes(table, "S10"), List{});
  EXPECT_EQ(Codes(table, "肝S1領域"), List{"S1>1"});
  EXPECT_EQ(Codes(table, "S1a"), List{"S1>1"});
  EXPECT_EQ(Codes(table, "massive"), List{});
  EXPECT_EQ(Codes(table, "mass effect"), List{"mass>2"});
  EXPECT_EQ(Codes(table, "small mass"), List{"mass>2"});
  EXPECT_EQ(Codes(table, "ACTH"), List{});
  EXPECT_EQ(Codes(table, "CT値"), List{"ct>3"});
}

TEST(TermFind, NoTermInsideADecimalNumber) {
  const TermTable table = TermTable::Parse("5mm\t1\tx\nS1\t2\tx\n1.5\t3\tx\n.5\t4\tx\n");
  EXPECT_EQ(Codes(table, "5mm大"), List{"5mm>1"});
  EXPECT_EQ(Codes(table, "2.5mm大"), List{});
  EXPECT_EQ(Codes(table, "径1.5cm"), List{"1.5>3"});
  EXPECT_EQ(Codes(table, "S1.7"), List{});
  EXPECT_EQ(Codes(table, "肝S1."), List{"S1>2"});
  EXPECT_EQ(Codes(table, "No.5mm"), List{"5mm>1"});
  EXPECT_EQ(Codes(table, "1. 5mm"), (List{"1.5>3", "5mm>1"}));  // white space ends a number
}

TEST(TermFind, AMentionThatIsNoUtf8IsAnError) {
  const TermTable table = TermTable::Parse("S1\t1\tx\n");
  try {
    table.Find("肝\xFF");
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidText);
  }
}

// What Find promises, in a few lines that try every stretch.
std::vector<std::string> Naive(const std::vector<std::string>& terms, const std::string& mention) {
  const auto fold = [](const std::string& text) { return internal::Fold(text); };
  const internal::FoldedText m = fold(mention);
  std::vector<std::string> best;
  std::size_t longest = 0;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < m.size(); ++i) {
    for (std::size_t j = i + 1; j <= m.size(); ++j) {
      if (m.CutsWord(i) || m.CutsWord(j) || j - i < longest) continue;
      const std::string piece = m.text.substr(m.starts[i], m.starts[j] - m.starts[i]);
      List hits;
      for (std::size_t t = 0; t < terms.size(); ++t) {
        if (fold(terms[t]).text == piece) hits.push_back(std::to_string(t));
      }
      if (hits.empty()) continue;
      if (j - i > longest) best.clear(), seen.clear();
      longest = j - i;
      if (seen.insert(piece).second) best.insert(best.end(), hits.begin(), hits.end());
    }
  }
  return best;
}

TEST(TermFind, AgreesWithTryingEveryStretch) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"肺", "癌", "A", "b", "1", "2", " ", "ｶﾞ", "\n", "𠮷"};
  const auto text = [&](std::size_t most) {
    std::string made;
    for (std::size_t n = 1 + random() % most; n > 0; --n) made += pieces[random() % pieces.size()];
    return made;
  };
  std::size_t found = 0, contained = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> terms;
    std::string file;
    while (terms.size() < 12) {
      std::string term = text(4);
      std::replace(term.begin(), term.end(), '\n', ' ');
      if (internal::Fold(term).size() == 0) continue;
      file += term + "\t" + std::to_string(terms.size()) + "\tx\n";
      terms.push_back(term);
    }
    const TermTable table = TermTable::Parse(file);
    for (int i = 0; i < 20; ++i) {
      const std::string mention = text(9);
      List codes;
      for (const TermCode& code : table.Find(mention)) {
        codes.push_back(code.code);
        contained += !code.whole;
        EXPECT_EQ(code.whole, internal::Fold(mention).text ==
                                  internal::Fold(terms[std::stoul(code.code)]).text);
      }
      ASSERT_EQ(codes, Naive(terms, mention)) << file << mention;
      found += !codes.empty();
    }
  }
  EXPECT_GT(found, 2000u);
  EXPECT_GT(contained, 1000u);
}

// 100,000 terms of 8 lengths and a mention of 20,000 characters: trying every term would be 2·10⁹
// steps.
TEST(TermFind, TimeDoesNotGrowWithTheTable) {
  std::string file;
  for (int i = 0; i < 100'000; ++i) {
    file += "語" + std::string(i % 8, 'x') + std::to_string(1'000'000 + i) + "\t1\tx\n";
  }
  const TermTable table = TermTable::Parse(file);
  std::string mention;
  for (int i = 0; i < 20'000; ++i) mention += "肺";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(table.Find(mention).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(AttachCodes, SetsTheCodesOfEveryEntity) {
  StructuredReport report;
  report.entities = {{"A", {}, "肺結節"}, {"B", {}, "右肺"}, {"C", {}, "結節"}};
  report.entities[1].codes = {{"old", "", "", "", true}};
  AttachCodes(TermTable::Parse("結節\t1\tNodule\tEXAMPLE\n"), report);
  ASSERT_EQ(report.entities[0].codes.size(), 1u);
  EXPECT_FALSE(report.entities[0].codes[0].whole);
  EXPECT_TRUE(report.entities[1].codes.empty());
  ASSERT_EQ(report.entities[2].codes.size(), 1u);
  EXPECT_TRUE(report.entities[2].codes[0].whole);

  report.entities[2].text = "\xFF";
  EXPECT_THROW(AttachCodes(TermTable(), report), Error);
  EXPECT_EQ(report.entities[0].codes.size(), 1u);
}

}  // namespace
}  // namespace radie
