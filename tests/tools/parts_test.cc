// The parts of the command that have rules of their own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/tools/temporary_folder.h"
#include "tools/annotated_record.h"
#include "tools/exit_codes.h"
#include "tools/folder_writer.h"
#include "tools/gold.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"
#include "tools/signals.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

namespace fs = std::filesystem;

// ---- signals ----

TEST(WriteInProgressDeathTest, CtrlCWaitsForTheOutermost) {
  EXPECT_EXIT(
      {
        InstallSignalHandlers();
        const WriteInProgress outer;
        {
          const WriteInProgress inner;
          ::raise(SIGINT);
        }
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, "still here", 10);
      },
      testing::ExitedWithCode(130), "still here");
}

// ---- lines ----

std::vector<std::string> ReadLines(const std::string& bytes, std::size_t cap) {
  const Folder folder;
  OpenFile file(folder.Write("f", bytes));
  LineReader reader(file, cap);
  std::vector<std::string> lines;
  std::string line;
  for (;;) {
    const LineReader::Result result = reader.Next(line);
    if (result == LineReader::Result::kEnd) break;
    lines.push_back(result == LineReader::Result::kTooLong ? "<too long>" : line);
    EXPECT_EQ(reader.line_number(), lines.size());
  }
  EXPECT_EQ(reader.bytes_read(), bytes.size());
  return lines;
}

TEST(LineReader, SplitsAtLineFeedsOnly) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(ReadLines("", 10), Lines{});
  EXPECT_EQ(ReadLines("a", 10), Lines{"a"});
  EXPECT_EQ(ReadLines("a\n", 10), Lines{"a"});
  EXPECT_EQ(ReadLines("\n\na\r\n", 10), (Lines{"", "", "a\r"}));
  EXPECT_EQ(ReadLines(std::string("a\0b\nc", 5), 10), (Lines{std::string("a\0b", 3), "c"}));
}

TEST(LineReader, PassesOverLinesBeyondTheCap) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(ReadLines("1234\n12345\n1\n", 4), (Lines{"1234", "<too long>", "1"}));
  EXPECT_EQ(ReadLines("12345", 4), Lines{"<too long>"});
  EXPECT_EQ(ReadLines(std::string(500000, 'x') + "\nok\n" + std::string(200000, 'y'), 1000),
            (Lines{"<too long>", "ok", "<too long>"}));
  EXPECT_EQ(ReadLines(std::string(65536, 'x') + "\n" + std::string(65536, 'y'), 65536),
            (Lines{std::string(65536, 'x'), std::string(65536, 'y')}));
}

TEST(LineReader, AgreesWithPlainSplittingOnRandomBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::string bytes;
    std::vector<std::string> expected;
    const std::size_t cap = 1 + random() % 3000;
    const int count = random() % 200;
    for (int i = 0; i < count; ++i) {
      const std::string line(random() % 4000, static_cast<char>('a' + i % 26));
      bytes += line + "\n";
      expected.push_back(line.size() > cap ? "<too long>" : line);
    }
    ASSERT_EQ(ReadLines(bytes, cap), expected);
  }
}

TEST(OpenFile, SaysWhichFileIsMissing) {
  try {
    OpenFile file("/no/such/file");
    FAIL();
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), kExitSomeFailed);
    EXPECT_NE(std::string(error.what()).find("/no/such/file"), std::string::npos);
  }
}

TEST(ReadUpTo, StopsAtTheLimit) {
  const Folder folder;
  const std::string path = folder.Write("f", std::string(100001, 'x'));
  OpenFile whole(path), part(path);
  EXPECT_EQ(ReadUpTo(whole, 200000).size(), 100001u);
  EXPECT_EQ(ReadUpTo(part, 100000).size(), 100000u);
}

// ---- input files ----

std::vector<std::pair<std::string, bool>> Expand(std::vector<std::string> arguments,
                                                 InputFormat format = InputFormat::kByExtension) {
  std::vector<std::pair<std::string, bool>> out;
  InputFiles files(std::move(arguments), format);
  for (InputFile file; files.Next(file);) {
    out.emplace_back(file.id, file.format == InputFormat::kJsonLines);
  }
  return out;
}

TEST(InputFiles, WalksDirectoriesInOrderAndExpandsGlobs) {
  using Ids = std::vector<std::pair<std::string, bool>>;
  const Folder folder;
  folder.Write("d/b.txt", "");
  folder.Write("d/a/z.jsonl", "");
  folder.Write("d/a/skip.pdf", "");
  folder.Write("d/c.ndjson", "");
  folder.Write("x1.txt", "");
  folder.Write("x2.report", "");
  folder.Write("odd*.txt", "");
  fs::create_directory_symlink(folder.path() + "/d", folder.path() + "/d/circle");
  const std::string d = folder.path();
  EXPECT_EQ(Expand({d + "/d"}), (Ids{{"a/z.jsonl", true}, {"b.txt", false}, {"c.ndjson", true}}));
  EXPECT_EQ(Expand({d + "/x*"}), (Ids{{"x1.txt", false}, {"x2.report", false}}));
  EXPECT_EQ(Expand({d + "/odd*.txt"}), (Ids{{"odd*.txt", false}}));
  EXPECT_EQ(Expand({d + "/none*", "-"}), (Ids{{"none*", false}, {"stdin", false}}));
  EXPECT_EQ(Expand({"-", d + "/x1.txt"}, InputFormat::kJsonLines),
            (Ids{{"stdin", true}, {"x1.txt", true}}));
}

TEST(InputFiles, KnowsTheBytesOfFilesButNotOfAStream) {
  const Folder folder;
  folder.Write("d/a.txt", "12345");
  folder.Write("d/b.txt", "678");
  EXPECT_EQ(TotalBytes({folder.path() + "/d"}, InputFormat::kByExtension), 8u);
  EXPECT_EQ(TotalBytes({folder.path() + "/d", "-"}, InputFormat::kByExtension), 0u);
}

// ---- records ----

TEST(ParseRecord, KeepsIds) {
  EXPECT_EQ(ParseRecord(R"({"id":"a","text":"x"})", {}).id, "a");
  EXPECT_EQ(ParseRecord(R"({"id":17})", {}).id, "17");
  EXPECT_EQ(ParseRecord(R"({"id":-3})", {}).id, "-3");
  EXPECT_EQ(ParseRecord(R"({"id":18446744073709551615})", {}).id, "18446744073709551615");
  EXPECT_EQ(ParseRecord(R"({"id":1.5})", {}).id, "1.5");
  EXPECT_EQ(ParseRecord(R"({"id":null})", {}).id, std::nullopt);
  EXPECT_EQ(ParseRecord(R"({})", {}).id, std::nullopt);
}

struct BadRecord {
  const char* line;
  const char* message_has;
  bool id_known;
};

TEST(ParseRecord, NamesTheFieldThatIsWrong) {
  const RecordParts all = {true, true};
  const BadRecord kCases[] = {
      {R"({"id":"r","text":5})", "text: ", true},
      {R"({"id":["x"]})", "id: ", false},
      {R"({"id":184467440737095516160})", "id: ", false},
      {R"([1])", "not a JSON object", false},
      {R"({"id":"r","text":"x")", "not valid JSON", false},
      {R"({"id":"r"} x)", "not valid JSON", false},
      {R"({"id":"r","n":1e999})", "not valid JSON", false},
      {"{\"id\":\"\xff\"}", "not valid JSON", false},
      {R"({"id":"r","entities":{}})", "entities: must be an array", true},
      {R"({"id":"r","entities":[3]})", "entities[0]: must be an object", true},
      {R"({"id":"r","entities":[{"type":"A","start":0,"end":1},{"type":1}]})",
       "entities[1].type: ", true},
      {R"({"id":"r","entities":[{"type":"A","end":1}]})", "entities[0].start: missing", true},
      {R"({"id":"r","entities":[{"type":"A","start":-1,"end":1}]})", "entities[0].start: ", true},
      {R"({"id":"r","entities":[{"type":"A","start":0,"end":1.5}]})", "entities[0].end: ", true},
      {R"({"id":"r","relations":[{"type":"m","head":"T1"}]})", "relations[0].tail: missing", true},
      {R"({"id":"r","offset_unit":"miles"})", "offset_unit: ", true},
  };
  for (const BadRecord& bad : kCases) {
    try {
      ParseRecord(bad.line, all);
      ADD_FAILURE() << bad.line;
    } catch (const RecordError& failed) {
      EXPECT_EQ(failed.error.code(), ErrorCode::kInvalidInput) << bad.line;
      EXPECT_NE(std::string(failed.error.what()).find(bad.message_has), std::string::npos)
          << failed.error.what();
      EXPECT_EQ(failed.id.has_value(), bad.id_known) << bad.line;
    }
  }
}

TEST(ParseRecord, LooksOnlyAtThePartsAskedFor) {
  EXPECT_NO_THROW(ParseRecord(R"({"text":"x","entities":"none","relations":7})", {}));
  EXPECT_TRUE(ParseRecord(R"({"id":"a","error":{},"entities":5})", {true, true}).is_error);
}

TEST(ParseRecord, SurvivesDeepNesting) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string line;
    for (int i = 0; i < 300000; ++i) line += open;
    EXPECT_THROW(ParseRecord(line, {}), RecordError);
  }
  EXPECT_THROW(ParseRecord(std::string(300000, '[') + std::string(300000, ']'), {}), RecordError);
}

TEST(IsBlank, IsWhiteSpaceOnly) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r"));
  EXPECT_FALSE(IsBlank("\xE3\x80\x80"));
}

// ---- gold ----

TEST(CodePointIndex, ConvertsEveryUnit) {
  const std::string text = "a右𠮷b";  // bytes 1, 3, 4, 1; UTF-16 1, 1, 2, 1
  const CodePointIndex utf8(text, OffsetUnit::kUtf8), utf16(text, OffsetUnit::kUtf16),
      points(text, OffsetUnit::kCodePoint);
  EXPECT_EQ(utf8.ToCodePoints({1, 8}), (Range{1, 3}));
  EXPECT_EQ(utf16.ToCodePoints({2, 5}), (Range{2, 4}));
  EXPECT_EQ(points.ToCodePoints({0, 4}), (Range{0, 4}));
  EXPECT_EQ(utf8.ToCodePoints({1, 3}), std::nullopt);
  EXPECT_EQ(utf16.ToCodePoints({3, 4}), std::nullopt);
  EXPECT_EQ(points.ToCodePoints({0, 5}), std::nullopt);
  EXPECT_EQ(points.ToCodePoints({2, 2}), std::nullopt);
  EXPECT_EQ(points.ToCodePoints({3, 2}), std::nullopt);
}

std::string GoldFailure(const std::string& line) {
  const Folder folder;
  GoldReader reader(folder.Write("g.jsonl", "\n" + line + "\n"));
  GoldReport report;
  try {
    reader.Next(report);
  } catch (const ExitError& error) {
    return std::string(error.what()).substr(folder.path().size() + 1);
  }
  return "";
}

TEST(GoldReader, NamesLineAndField) {
  EXPECT_EQ(GoldFailure("{}"), "g.jsonl line 2: text: missing");
  EXPECT_EQ(GoldFailure(R"({"text":"ab"})"), "g.jsonl line 2: entities: missing");
  EXPECT_EQ(GoldFailure(R"({"text":"ab","entities":[{"id":"T1","type":"A","start":0,"end":3}]})"),
            "g.jsonl line 2: entities[0]: start 0, end 3 is no stretch of the text's characters");
  EXPECT_EQ(GoldFailure(R"({"text":"ab","entities":[{"id":"T1","type":"A","start":0,"end":1},)"
                        R"({"id":"T1","type":"A","start":1,"end":2}]})"),
            "g.jsonl line 2: entities[1].id: used twice");
  EXPECT_EQ(
      GoldFailure(
          R"({"text":"ab","entities":[],"relations":[{"type":"m","head":"T1","tail":"T2"}]})"),
      "g.jsonl line 2: relations[0].head: no entity has this id");
}

TEST(GoldReader, ReadsAReport) {
  const Folder folder;
  GoldReader reader(folder.Write(
      "g.jsonl",
      R"({"id":5,"text":"ab","entities":[{"id":"x","type":"A","start":0,"end":1},)"
      R"({"id":"y","type":"B","start":1,"end":2}],"relations":[{"type":"m","head":"x","tail":"y"}]})"));
  GoldReport report;
  ASSERT_TRUE(reader.Next(report));
  EXPECT_EQ(report.id, "5");
  ASSERT_EQ(report.annotated.entities.size(), 2u);
  EXPECT_EQ(report.annotated.entities[1].span.code_points, (Range{1, 2}));
  ASSERT_EQ(report.annotated.relations.size(), 1u);
  EXPECT_EQ(report.annotated.relations[0].tail, 1u);
  EXPECT_EQ(report.mentions[1].type, "B");
  EXPECT_FALSE(reader.Next(report));
}

// ---- names of files ----

TEST(FileStem, KeepsWhatIsHarmless) {
  EXPECT_EQ(FileStem("ct-001_a.b (2)"), "ct-001_a.b (2)");
  EXPECT_EQ(FileStem("胸部CT 𠮷"), "胸部CT 𠮷");
  EXPECT_EQ(FileStem("report.txt"), "report");
  EXPECT_EQ(FileStem(".txt"), "%2Etxt");
}

TEST(FileStem, NeverLeavesTheFolder) {
  EXPECT_EQ(FileStem("/etc/passwd"), "%2Fetc%2Fpasswd");
  EXPECT_EQ(FileStem("../../x"), "%2E.%2F..%2Fx");
  EXPECT_EQ(FileStem(".."), "%2E%2E");
  EXPECT_EQ(FileStem("."), "%2E");
  EXPECT_EQ(FileStem("a\\b:c*"), "a%5Cb%3Ac%2A");
  EXPECT_EQ(FileStem(std::string("a\0b", 3)), "a%00b");
  EXPECT_EQ(FileStem("-rf"), "%2Drf");
  EXPECT_EQ(FileStem(" a."), "%20a%2E");
}

TEST(FileStem, EscapesWhatCannotBeSeenOrIsNoUtf8) {
  EXPECT_EQ(FileStem("a\n\x1b\x7f"), "a%0A%1B%7F");
  EXPECT_EQ(FileStem("a\u202eb\u0085\ufeff\u2066"), "a%E2%80%AEb%C2%85%EF%BB%BF%E2%81%A6");
  EXPECT_EQ(FileStem("a\xff\xe3\x81z"), "a%FF%E3%81z");
  EXPECT_EQ(FileStem("\xed\xa0\x80"), "%ED%A0%80");
  EXPECT_EQ(FileStem("\xc0\xaf"), "%C0%AF");
  EXPECT_EQ(FileStem("\xf4\x90\x80\x80"), "%F4%90%80%80");
}

TEST(FileStem, IsDifferentForDifferentIds) {
  EXPECT_NE(FileStem("a/b"), FileStem("a%2Fb"));
  EXPECT_EQ(FileStem("a%2Fb"), "a%252Fb");
}

TEST(FileStem, RefusesWhatNamesNoFile) {
  EXPECT_THROW(FileStem(""), Error);
  EXPECT_NO_THROW(FileStem(std::string(240, 'a')));
  EXPECT_THROW(FileStem(std::string(241, 'a')), Error);
  EXPECT_THROW(FileStem(std::string(100, '/')), Error);
}

}  // namespace
}  // namespace radie::tools
