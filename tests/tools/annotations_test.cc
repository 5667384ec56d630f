// The annotation formats of `radie eval`: what is read, what is refused and where that is said to
// be.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "radie/writer.h"
#include "tests/tools/temporary_folder.h"
#include "tools/annotation_lines.h"
#include "tools/document_reader.h"
#include "tools/exit_codes.h"
#include "tools/gold.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

using Item = std::tuple<std::string, std::size_t, std::size_t>;

std::vector<Item> Items(const StructuredReport& report) {
  std::vector<Item> items;
  for (const Entity& entity : report.entities)
    items.emplace_back(entity.type, entity.span.code_points.begin, entity.span.code_points.end);
  return items;
}

// What went wrong when all of `path` was read, without the folder's own name; "" when nothing did.
std::string Failure(const Folder& folder, const std::string& path, bool repair = false) {
  try {
    GoldReader reader(path, {repair, true});
    for (GoldReport report; reader.Next(report);) continue;
  } catch (const ExitError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.substr(0, folder.path().size()), folder.path());
    return message.substr(folder.path().size() + 1);
  }
  return "";
}

// ---- lines ----

TEST(AnnotationLines, SplitsAndUnescapes) {
  EXPECT_EQ(SplitAt("a\t\tb", '\t').size(), 3u);
  EXPECT_EQ(SplitAt("a\tb\tc", '\t', 2).back(), "b\tc");
  EXPECT_EQ(SplitAtSpaces("  a  b "), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(UnescapeField(R"(a\sb\\n\n\t\r\#)"), "a b\\n\n\t\r#");
  EXPECT_EQ(UnescapeField(R"(\u{3000}\u{1f600}\u{e9})"), "\u3000\U0001F600é");
  EXPECT_EQ(UnescapeField(R"(\u{d800}\u{110000}\u{}\q\)"), R"(\u{d800}\u{110000}\u{}\q\)");
  EXPECT_EQ(ParseOffset("012"), 12u);
  for (const char* bad : {"", "-1", "+1", "1x", " 1", "99999999999999999999", "9007199254740993"})
    EXPECT_EQ(ParseOffset(bad), std::nullopt) << bad;
}

TEST(TextUnits, FindWhereTextStopsBeingUtf8) {
  EXPECT_EQ(InvalidUtf8At("a右𠮷\xF4\x8F\xBF\xBF"), std::nullopt);
  const char* kBad[] = {"ab\x80",         "ab\xC0\x80", "ab\xE0\x9F\xBF", "ab\xED\xA0\x80",
                        "ab\xF0\x8F\xBF", "ab\xE5\x8F", "ab\xF5\x80",     "ab\xF4\x90\x80\x80"};
  for (const char* bad : kBad) EXPECT_EQ(InvalidUtf8At(bad), 2u) << bad;
  EXPECT_EQ(CodePointStarts("a右𠮷"), (std::vector<std::size_t>{0, 1, 4, 8}));
}

TEST(TextUnits, SpansAreInEveryUnit) {
  const std::string text = "a右𠮷肺";
  const TextSpan span = SpanIndex(text).Of({1, 3});
  EXPECT_EQ(span.utf8, (Range{1, 8}));
  EXPECT_EQ(span.code_points, (Range{1, 3}));
  EXPECT_EQ(span.utf16, (Range{1, 4}));
  EXPECT_EQ(SpanIndex(text).Of({0, 4}).utf16, (Range{0, 5}));
}

// ---- brat ----

constexpr char kText[] = "右肺に結\n節を認める。";

TEST(Brat, ReadsEntitiesRelationsAndCountsTheRest) {
  const Folder folder;
  folder.Write("a.txt", kText);
  folder.Write("a.ann",
               "T1\tAnatomical_entity 0 2\t右肺\r\n"
               "T2\tImaging_observation 3 4;5 6\t結 節\n"
               "\n"
               "R1\tmodify Arg1:T1 Arg2:T2\t\n"
               "A1\tNegated T2\n#1\tAnnotatorNotes T1\tx\n*\tEquiv T1 T2\n"
               "T3\tCertainty_descriptor 7 10");
  GoldReader reader(folder.path() + "/a.ann");
  GoldReport report;
  ASSERT_TRUE(reader.Next(report));
  EXPECT_EQ(report.id, "a");
  EXPECT_EQ(report.text, kText);
  EXPECT_EQ(Items(report.annotated), (std::vector<Item>{{"Anatomical_entity", 0, 2},
                                                        {"Imaging_observation", 3, 6},
                                                        {"Certainty_descriptor", 7, 10}}));
  ASSERT_EQ(report.annotated.relations.size(), 1u);
  EXPECT_EQ(report.annotated.relations[0].head, 0u);
  EXPECT_EQ(report.annotated.relations[0].tail, 1u);
  EXPECT_TRUE(report.has_relations);
  EXPECT_EQ(reader.notes().brat_lines, (std::map<char, std::size_t>{{'#', 1}, {'*', 1}, {'A', 1}}));
  EXPECT_EQ(reader.notes().discontinuous, 0u);  // only a line break is between
  EXPECT_FALSE(reader.Next(report));
}

TEST(Brat, CountsEntitiesWithTextBetweenTheirFragments) {
  const Folder folder;
  folder.Write("a.txt", kText);
  folder.Write("a.ann", "T1\tA 0 1;3 4\t右 結\n");
  GoldReader reader(folder.path() + "/a.txt");
  GoldReport report;
  ASSERT_TRUE(reader.Next(report));
  EXPECT_EQ(Items(report.annotated), (std::vector<Item>{{"A", 0, 4}}));
  EXPECT_EQ(reader.notes().discontinuous, 1u);
}

TEST(Brat, BelievesANoteOnWhereAMentionReallyIs) {
  const Folder folder;
  folder.Write("a.txt", "\n右肺\n\n結");
  folder.Write("a.ann",
               "T1\tA 1 3\t右肺\nT2\tB 4 4\t\nT3\tC 5 6\t結\n"
               "#1\tAnnotatorNotes T1\tspan 0 4\n#2\tAnnotatorNotes T2\tspan 4 5\n"
               "#3\tAnnotatorNotes T3\tspan 2 6\n#4\tAnnotatorNotes T9\tspan 2 6\n"
               "#5\tAnnotatorNotes T1\tspan 1 4\n");
  GoldReader reader(folder.path() + "/a.ann");
  GoldReport report;
  ASSERT_TRUE(reader.Next(report));
  EXPECT_EQ(Items(report.annotated), (std::vector<Item>{{"A", 0, 4}, {"B", 4, 5}, {"C", 5, 6}}));
  EXPECT_EQ(reader.notes().brat_lines, (std::map<char, std::size_t>{{'#', 3}}));
}

// Any mentions and relations over a text that has every kind of line break in it.
StructuredReport RandomReport(std::mt19937& random, const std::string& text) {
  const SpanIndex spans(text);
  const std::size_t length = CodePointStarts(text).size() - 1;
  StructuredReport report;
  for (std::size_t at = random() % 3; at + 1 < length; at += random() % 5) {
    const std::size_t end = std::min(length, at + 1 + random() % 5);
    Entity entity;
    entity.type = random() % 4 == 0 ? "Own type" : "Imaging_observation";
    entity.span = spans.Of({at, end});
    entity.text =
        text.substr(entity.span.utf8.begin, entity.span.utf8.end - entity.span.utf8.begin);
    report.entities.push_back(entity);
    at = end;
  }
  for (std::size_t i = 0; i + 1 < report.entities.size(); ++i) {
    if (random() % 2 != 0) report.relations.push_back({"modify", i, i + 1, 1.0});
  }
  return report;
}

TEST(Brat, ReadsBackWhatIsWritten) {
  const char* kPieces[] = {"右", "𠮷", "\n", "\r", "\t", " ", "\u3000", "\u2028", "\u0085", "結節"};
  std::mt19937 random(9);
  std::size_t relations = 0, notes = 0;
  for (int round = 0; round < 200; ++round) {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 40; ++i) text += kPieces[random() % std::size(kPieces)];
    const StructuredReport report = RandomReport(random, text);
    folder.Write("a.txt", text);
    const std::string written = ToBrat(report);
    GoldReader reader(folder.Write("a.ann", written + "A1\tNegated T1\nN1\tReference T1 X:1\tx\n"));
    GoldReport back;
    ASSERT_TRUE(reader.Next(back));
    EXPECT_EQ(Items(back.annotated), Items(report));
    EXPECT_EQ(ToBrat(back.annotated), written) << "ids, notes and relations as they were";
    // What is not carried is counted, and so named on standard error.
    EXPECT_EQ(reader.notes().brat_lines, (std::map<char, std::size_t>{{'A', 1}, {'N', 1}}));
    relations += back.annotated.relations.size();
    notes += written.find("AnnotatorNotes") != written.npos;
  }
  EXPECT_GT(relations, 100u);
  EXPECT_GT(notes, 50u);
}

TEST(Brat, ReadsAStreamOfDocuments) {
  const Folder folder;
  DocumentReader reader(folder.Write("s.ann",
                                     "# newdoc id = a\\tb.txt\nT1\tA 0 2\t右肺\n\n"
                                     "# newdoc id = c\n# error = invalid_text: m\n\n"
                                     "# newdoc id = d\nT1\tA 0 1\t右\nR1\tm Arg1:T1 Arg2:T1\n\n"));
  std::vector<SourceDocument> documents;
  for (SourceDocument document; reader.Next(document);) documents.push_back(document);
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[0].id, "a\tb.txt");
  EXPECT_TRUE(documents[1].is_error);
  EXPECT_EQ(documents[2].entities.size(), 1u);
  EXPECT_EQ(documents[2].relations.size(), 1u);
  EXPECT_EQ(Failure(folder, folder.Write("t.ann", "T1\tA 0 2\tx\n# newdoc id = a\n")),
            "t.ann line 2: a document begins behind annotations that belong to none");
}

TEST(Conll, ReadsAnErrorInPlaceOfADocument) {
  const Folder folder;
  DocumentReader reader(folder.Write("b.conll", "# newdoc id = e\n# error = internal: m\n\n"));
  SourceDocument document;
  ASSERT_TRUE(reader.Next(document));
  EXPECT_TRUE(document.is_error);
  EXPECT_EQ(reader.notes().comments, 0u);
  EXPECT_EQ(Failure(folder, folder.path() + "/b.conll"),
            "b.conll line 1: an error record is no gold report");
  EXPECT_EQ(Failure(folder, folder.Write("e.jsonl", R"({"error":{}})")),
            "e.jsonl line 1: an error record is no gold report");
}

TEST(Brat, NamesFileAndLineOfWhatIsWrong) {
  const std::string line1 = "T1\tA 0 2\t右肺\n";
  const std::pair<std::string, std::string> kCases[] = {
      {"T2\tA 0\tx", "expected offsets as START END or START END;START END"},
      {"T2\tA 0 -2\tx", "expected offsets as START END or START END;START END"},
      {"T2\tA 0 2;\tx", "expected offsets as START END or START END;START END"},
      {"T2 A 0 2 x", "expected ID, tab, TYPE START END, tab, TEXT"},
      {"T2\tA", "expected ID, tab, TYPE START END, tab, TEXT"},
      {"T2\tA 2 99\t", "start 2, end 99 is no stretch of the text's characters"},
      {"T2\tA 2 2\t", "start 2, end 2 is no stretch of the text's characters"},
      {"T2\tA 3 4;0 1\t結 右", "its fragments are out of order or overlap"},
      {"T2\tA 1 3\t右肺",
       "the text at these offsets is not the annotated one; offsets count characters of the text "
       "as it is, line breaks included"},
      {"T1\tA 0 1\t右", "id: used twice"},
      {"R1\tmodify Arg1:T1 Arg2:T7", "Arg2: no entity has this id"},
      {"R1\tmodify Arg1:T7 Arg2:T1", "Arg1: no entity has this id"},
      {"R1\tmodify T1 T1", "expected ID, tab, TYPE Arg1:ID Arg2:ID"},
      {"X1\tmodify", "begins with none of T R A M N E # *"}};
  for (const auto& [line, message] : kCases) {
    const Folder folder;
    folder.Write("a.txt", kText);
    const std::string path = folder.Write("a.ann", line1 + "\n" + line + "\n");
    EXPECT_EQ(Failure(folder, path), "a.ann line 3: " + message) << line;
  }
}

TEST(Brat, RefusesWhatIsNotThereOrNoText) {
  const Folder folder;
  EXPECT_EQ(Failure(folder, folder.Write("lone.ann", "")), "lone.ann: no .txt file beside it");
  EXPECT_EQ(Failure(folder, folder.Write("text.txt", "")),
            "text.txt: no .ann file beside it (CoNLL files end in .conll, .iob, .iob2 or .bio)");
  folder.Write("bad.txt", "ab\xFF");
  EXPECT_EQ(Failure(folder, folder.Write("bad.ann", "")),
            "bad.txt: not valid UTF-8 at the byte at offset 2");
}

// ---- CoNLL ----

std::vector<GoldReport> ReadAll(const std::string& path, bool repair = false) {
  GoldReader reader(path, {repair, true});
  std::vector<GoldReport> reports;
  for (GoldReport report; reader.Next(report);) reports.push_back(report);
  return reports;
}

TEST(Conll, ReadsTwoColumnsOfTokens) {
  const Folder folder;
  const auto reports = ReadAll(folder.Write("a.conll",
                                            "右肺\tB-A\nの\tI-A\n結節\tB-B\n。\tO\n\n"
                                            "影 B-B\n# O\n"));
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].id, "document");
  EXPECT_EQ(reports[0].text, "右肺の結節。\n影#");
  EXPECT_FALSE(reports[0].has_relations);
  EXPECT_EQ(Items(reports[0].annotated),
            (std::vector<Item>{{"A", 0, 3}, {"B", 3, 5}, {"B", 7, 8}}));
}

TEST(Conll, ReadsOffsetsAndEscapes) {
  const Folder folder;
  const auto reports = ReadAll(folder.Write(
      "a.iob2", "右\t0\t1\tB-A\n\\n\t1\t2\tI-A\n肺\t2\t3\tI-A\n\\u{3000}\t5\t6\tO\r\n"));
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].text, "右\n肺  \u3000");
  EXPECT_EQ(Items(reports[0].annotated), (std::vector<Item>{{"A", 0, 3}}));
}

TEST(Conll, TakesTheTextBesideIt) {
  const Folder folder;
  folder.Write("d/x.txt", "右肺 に\n結節\n");
  folder.Write("d/x.conll", "右肺\tB-A\nに\tO\n結節\tB-B\n");
  const auto reports = ReadAll(folder.path() + "/d");
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].id, "x");
  EXPECT_EQ(reports[0].text, "右肺 に\n結節\n");
  EXPECT_EQ(Items(reports[0].annotated), (std::vector<Item>{{"A", 0, 2}, {"B", 5, 7}}));
}

TEST(Conll, SeparatesDocuments) {
  const Folder folder;
  const auto reports =
      ReadAll(folder.Write("a.conll",
                           "# id = first\n右\tB-A\n-DOCSTART-\tO\n# note\n肺\tB-A\n"
                           "-DOCSTART- -X- O O\n\n# id = third\\sone\n左\tO\n"
                           "# newdoc id = empty\n"));
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(reports[0].id, "first");
  EXPECT_EQ(reports[1].id, "document#2");
  EXPECT_EQ(reports[1].text, "肺");
  EXPECT_EQ(reports[2].id, "third one");
  EXPECT_EQ(reports[3].id, "empty");
  EXPECT_EQ(reports[3].text, "");
}

TEST(Conll, NamesFileAndLineOfWhatIsWrong) {
  const std::string iob =
      "an I- tag that continues no entity of its type is no IOB2 (with --repair-tags it begins "
      "one)";
  const std::pair<std::string, std::string> kCases[] = {
      {"右\tB-A\n肺\tI-B\n", "line 2: " + iob},
      {"右\tB-A\n\n肺\tI-A\n", "line 3: " + iob},
      {"右\tO\n肺\tI-A\n", "line 2: " + iob},
      {"右\tB\n", "line 1: the last column is no IOB2 tag: O, B-TYPE or I-TYPE"},
      {"右\tB-\n", "line 1: the last column is no IOB2 tag: O, B-TYPE or I-TYPE"},
      {"右\tS-A\n", "line 1: the last column is no IOB2 tag: O, B-TYPE or I-TYPE"},
      {"右\n", "line 1: expected 2 columns (token, tag) or 4 (token, start, end, tag), found 1"},
      {"右\tO\n肺\t1\t2\tO\n", "line 2: expected 2 columns as in the lines above"},
      {"\tO\n", "line 1: the first column, the token, is empty"},
      {"右\t0\tx\tO\n", "line 1: the second and third columns, start and end, must be offsets"},
      {"右\t0\t2\tO\n", "line 1: end - start is not the token's length in code points"},
      {"右\t0\t1\tO\n肺\t0\t1\tO\n",
       "line 2: the token begins before the one above it ends, or too far behind it"},
      {"右\t900000000000\t900000000001\tO\n",
       "line 1: the token begins before the one above it ends, or too far behind it"},
      {"右\tO\n\xFF\tO\n", "line 2: not valid UTF-8 at the byte at offset 0 of the line"}};
  for (const auto& [lines, message] : kCases) {
    const Folder folder;
    EXPECT_EQ(Failure(folder, folder.Write("a.conll", lines)), "a.conll " + message) << lines;
  }
}

TEST(Conll, NamesTheTokenThatIsNotInTheText) {
  const std::pair<std::string, std::string> kCases[] = {
      {"右\tO\n左\tO\n", "line 2: the token is not what comes next in the report"},
      {"右\tO\n", "line 1: the tokens end before the report does"},
      {"右\t1\t2\tO\n",
       "line 1: the text at these offsets is not the token; offsets count code points"},
      {"右\t0\t1\tO\n肺\t1\t9\tO\n", "line 2: its offsets are no stretch of the text's characters"},
      {"右\tO\n肺\tO\n# id = b\n右\tO\n",
       "line 3: a second document, but the .txt file beside it holds one text"}};
  for (const auto& [lines, message] : kCases) {
    const Folder folder;
    folder.Write("a.txt", "右肺");
    EXPECT_EQ(Failure(folder, folder.Write("a.conll", lines)), "a.conll " + message) << lines;
  }
}

TEST(Conll, RepairsTagsOnRequest) {
  const Folder folder;
  const std::string path = folder.Write("a.conll", "右\tI-A\n肺\tI-B\n\n結\tI-B\n節\tI-B\n");
  GoldReader reader(path, {true, true});
  GoldReport report;
  ASSERT_TRUE(reader.Next(report));
  EXPECT_EQ(Items(report.annotated), (std::vector<Item>{{"A", 0, 1}, {"B", 1, 2}, {"B", 3, 5}}));
  EXPECT_EQ(reader.notes().repaired_tags, 3u);
}

}  // namespace
}  // namespace radie::tools
