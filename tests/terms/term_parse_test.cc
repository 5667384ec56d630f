// The file of terms: what is a row, and that every bad line is named.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "radie/terms.h"

namespace radie {
namespace {

using namespace std::string_literals;

// The error that Parse throws, or nothing.
std::optional<Error> ErrorOf(const std::string& text) {
  try {
    TermTable::Parse(text, "my.tsv");
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Whether the text is refused with this code and a message that begins and goes on like this.
void ExpectBad(const std::string& text, ErrorCode code, const std::string& begin,
               const std::string& part) {
  const std::optional<Error> error = ErrorOf(text);
  ASSERT_TRUE(error) << begin << part;
  EXPECT_EQ(error->code(), code) << error->what();
  EXPECT_EQ(std::string(error->what()).find(begin + ": "), 0u) << error->what();
  EXPECT_NE(std::string(error->what()).find(part), std::string::npos) << error->what();
}

TEST(TermParse, ReadsRowsCommentsAndEmptyLines) {
  const TermTable table = TermTable::Parse(
      "\xEF\xBB\xBF# a comment\r\n\n   \nterm\tcode\tname\tsystem\r\n結節\tE-1\tNodule\tEXAMPLE\r\n"
      "# another\n #4R\tE-2\t station 4R \n陰影\tE-3\tOpacity\t");
  EXPECT_EQ(table.size(), 3u);
  const std::vector<TermCode> nodule = table.Find("結節");
  ASSERT_EQ(nodule.size(), 1u);
  EXPECT_EQ(nodule[0].code, "E-1");
  EXPECT_EQ(nodule[0].name, "Nodule");
  EXPECT_EQ(nodule[0].system, "EXAMPLE");
  EXPECT_EQ(nodule[0].term, "結節");
  const std::vector<TermCode> station = table.Find("#4R");
  ASSERT_EQ(station.size(), 1u);
  EXPECT_EQ(station[0].term, "#4R");
  EXPECT_EQ(station[0].name, "station 4R");
  EXPECT_EQ(station[0].system, "");
  ASSERT_EQ(table.Find("陰影").size(), 1u);
  EXPECT_EQ(table.Find("陰影")[0].system, "");
}

TEST(TermParse, AHeaderIsOneOnlyInFront) {
  EXPECT_EQ(TermTable::Parse("term\tcode\tname\n").size(), 0u);
  EXPECT_EQ(TermTable::Parse("結節\tE-1\tNodule\nterm\tcode\tname\n").size(), 2u);
  EXPECT_EQ(TermTable::Parse("").size(), 0u);
  EXPECT_EQ(TermTable().size(), 0u);
  EXPECT_TRUE(TermTable().Find("結節").empty());
}

TEST(TermParse, ABadLineIsNamed) {
  const std::string good = "結節\tE-1\tNodule\n";
  const ErrorCode input = ErrorCode::kInvalidInput;
  ExpectBad(good + "陰影\tE-2\n", input, "my.tsv:2", "2 columns");
  ExpectBad(good + "\n# x\n陰影", input, "my.tsv:4", "1 column,");
  ExpectBad("a\tb\tc\td\te\n", input, "my.tsv:1", "5 columns");
  ExpectBad(good + " \tE-2\tOpacity\n", input, "my.tsv:2", "term is empty");
  ExpectBad(good + "\u3000\u200b\tE-2\tOpacity\n", input, "my.tsv:2", "term is empty");
  ExpectBad("陰影\t \tOpacity\n", input, "my.tsv:1", "code is empty");
  ExpectBad("陰影\tE-2\t\n", input, "my.tsv:1", "name is empty");
  ExpectBad(good + "\t\t\n", input, "my.tsv:2", "term is empty");
  ExpectBad(good + good + "ab\xFF\tE-2\tx\n", input, "my.tsv:3", "its byte 3");
  ExpectBad("# \x8C\x8B\n", input, "my.tsv:1", "UTF-8");
  ExpectBad(good + "a\0b\tE-2\tx\n"s, input, "my.tsv:2", "NUL");
  ExpectBad("# old line ends\ra\tE-2\tx\r", input, "my.tsv:1", "carriage return");
}

TEST(TermParse, TwoFilesAreOneTable) {
  const TermFile files[] = {{"a.tsv", "term\tcode\tname\n結節\tA-1\tNodule\n"},
                            {"b.tsv", "term\tcode\tname\n結節\tB-1\tNodule\n結節\tA-1\tNodule\n"}};
  const TermTable table = TermTable::Parse(files);
  EXPECT_EQ(table.size(), 2u);  // the row that repeats another is passed over
  const std::vector<TermCode> codes = table.Find("結節");
  ASSERT_EQ(codes.size(), 2u);
  EXPECT_EQ(codes[0].code, "A-1");
  EXPECT_EQ(codes[1].code, "B-1");
  const TermFile bad[] = {files[0], {"c.tsv", "\nx\n"}};
  try {
    TermTable::Parse(bad);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("c.tsv:2: "), 0u) << error.what();
  }
}

TEST(TermParse, CapsAreKept) {
  const ErrorCode limit = ErrorCode::kLimitExceeded;
  std::string longest(TermLimits::kMaxTermCodePoints, 'x');
  EXPECT_EQ(TermTable::Parse(longest + "\tE-1\tx\n").Find(longest).size(), 1u);
  ExpectBad("\n" + longest + "x\tE-1\tx\n", limit, "my.tsv:2", "256");

  std::string codes;
  for (std::size_t i = 0; i < TermLimits::kMaxCodesPerTerm; ++i) {
    codes += "結節\tE-" + std::to_string(i) + "\tx\n";
  }
  EXPECT_EQ(TermTable::Parse(codes).Find("結節").size(), TermLimits::kMaxCodesPerTerm);
  ExpectBad(codes + "結節\tE-x\tx\n", limit, "my.tsv:101", "100");

  const std::string half(TermLimits::kMaxBytes / 2, '\n');
  const TermFile full[] = {{"a", half}, {"b", half}};
  EXPECT_EQ(TermTable::Parse(full).size(), 0u);
  const TermFile over[] = {{"a", half}, {"b", half}, {"c", "\n"}};
  try {
    TermTable::Parse(over);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), limit);
    EXPECT_EQ(std::string(error.what()).find("c: "), 0u) << error.what();
  }
}

TEST(TermParse, MoreRowsThanTheCapAreRefused) {
  std::string text;
  text.reserve(TermLimits::kMaxRows * 14);
  for (std::size_t i = 0; i <= TermLimits::kMaxRows; ++i) {
    text += std::to_string(i) += "\t1\tn\n";
  }
  ExpectBad(text, ErrorCode::kLimitExceeded, "my.tsv:2000001", "2000000");
}

}  // namespace
}  // namespace radie
