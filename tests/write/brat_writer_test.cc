// What ToBrat writes is read back by the rules of brat's own reader.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "radie/writer.h"
#include "tests/write/made_report.h"
#include "tests/write/sample_report.h"

namespace radie {
namespace {

struct ReadEntity {
  std::string type;
  std::size_t begin, end;  // code points

  friend bool operator==(const ReadEntity&, const ReadEntity&) = default;
};

struct ReadAnnotations {
  std::map<std::string, ReadEntity> entities;
  std::vector<std::string> relations;  // as "TYPE HEAD TAIL"
};

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// Fields are split at tabs, spans at ; and the text after the second tab must be the fragments of
// the document joined with one space, as brat demands.
ReadAnnotations Read(const std::string& ann, const std::string& document) {
  ReadAnnotations read;
  for (const std::string& line : Split(ann, '\n')) {
    const std::vector<std::string> fields = Split(line, '\t');
    const std::vector<std::string> words = Split(fields.at(1), ' ');
    if (line[0] == 'R') {
      EXPECT_EQ(words.size(), 3u) << line;
      EXPECT_EQ(words[1].substr(0, 5), "Arg1:");
      EXPECT_EQ(words[2].substr(0, 5), "Arg2:");
      read.relations.push_back(words[0] + " " + words[1].substr(5) + " " + words[2].substr(5));
      continue;
    }
    if (line[0] == '#') {
      EXPECT_EQ(words.at(0), "AnnotatorNotes");
      const std::vector<std::string> note = Split(fields.at(2), ' ');
      EXPECT_EQ(note.at(0), "span");
      ReadEntity& entity = read.entities.at(words.at(1));
      entity.begin = std::stoul(note.at(1)), entity.end = std::stoul(note.at(2));
      continue;
    }
    std::string text;
    std::vector<std::size_t> ends;
    for (const std::string& span : Split(fields[1].substr(words[0].size() + 1), ';')) {
      ends.push_back(std::stoul(span));
      ends.push_back(std::stoul(span.substr(span.find(' '))));
      const Range bytes = SpanOf(document, ends[ends.size() - 2], ends.back()).utf8;
      text += (text.empty() ? "" : " ") + document.substr(bytes.begin, bytes.end - bytes.begin);
    }
    EXPECT_EQ(line, fields[0] + "\t" + fields[1] + "\t" + text);
    read.entities[fields[0]] = {words[0], ends.front(), ends.back()};
  }
  return read;
}

std::string NameOf(std::size_t index) {
  std::string name = "T";
  name += std::to_string(index + 1);
  return name;
}

void ExpectRoundTrip(const std::string& text, const StructuredReport& report) {
  const ReadAnnotations read = Read(ToBrat(report), text);
  ASSERT_EQ(read.entities.size(), report.entities.size());
  for (std::size_t i = 0; i < report.entities.size(); ++i) {
    const Entity& entity = report.entities[i];
    const ReadEntity expected = {entity.type, entity.span.code_points.begin,
                                 entity.span.code_points.end};
    EXPECT_EQ(read.entities.at(NameOf(i)), expected) << i;
  }
  ASSERT_EQ(read.relations.size(), report.relations.size());
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    const Relation& relation = report.relations[i];
    EXPECT_EQ(read.relations[i],
              relation.type + " " + NameOf(relation.head) + " " + NameOf(relation.tail));
  }
}

TEST(Brat, WritesTheDocumentedLines) {
  EXPECT_EQ(ToBrat(SampleReport()),
            "T1\tAnatomical_entity 3 5\t右肺\n"
            "T2\tImaging_observation 6 8\t結節\n"
            "T3\tCertainty_descriptor 9 12\t認める\n"
            "R1\tmodify Arg1:T1 Arg2:T2\n"
            "R2\tmodify Arg1:T3 Arg2:T2\n");
  EXPECT_EQ(ToBrat(StructuredReport()), "");
}

TEST(Brat, BreaksAMentionAtLineBreaks) {
  const std::string text = "胸膜\r\n肥厚、A\tB";
  const StructuredReport report =
      Made(text, {{"Imaging_observation", 0, 6}, {"Anatomical_entity", 7, 10}});
  EXPECT_EQ(ToBrat(report),
            "T1\tImaging_observation 0 2;4 6\t胸膜 肥厚\nT2\tAnatomical_entity 7 8;9 10\tA B\n");
  ExpectRoundTrip(text, report);
}

TEST(Brat, RoundTripsEveryPlaceOfALineBreak) {
  const std::string characters[] = {"𠮷", "\n", "\r\n", "\t", "\u2028", "\u0085", "\x1d"};
  for (const std::string& a : characters) {
    for (const std::string& b : characters) {
      for (const std::string& c : characters) {
        const std::string mention = a + b + c;
        const std::string text = "右\n" + mention + "左";
        std::size_t length = 0;
        for (char byte : mention) length += (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
        ExpectRoundTrip(text, Made(text,
                                   {{"Anatomical_entity", 0, 1},
                                    {"Imaging_observation", 2, 2 + length},
                                    {"Certainty_descriptor", 2 + length, 3 + length}},
                                   {{"modify", 0, 1, 1.0}, {"modify", 2, 1, 1.0}}));
      }
    }
  }
}

TEST(Brat, SaysTheSpanOfAMentionThatEndsWithALineBreak) {
  EXPECT_EQ(ToBrat(Made("a影\nb", {{"Imaging_observation", 1, 3}})),
            "T1\tImaging_observation 1 2\t影\n#1\tAnnotatorNotes T1\tspan 1 3\n");
}

TEST(Brat, KeepsAMentionOfNothingButLineBreaks) {
  const std::string text = "a\n\tb";
  const StructuredReport report =
      Made(text, {{"Imaging_observation", 1, 3}, {"Anatomical_entity", 3, 4}}, {{"modify", 1, 0}});
  EXPECT_EQ(ToBrat(report),
            "T1\tImaging_observation 1 1\t\nT2\tAnatomical_entity 3 4\tb\n"
            "R1\tmodify Arg1:T2 Arg2:T1\n#1\tAnnotatorNotes T1\tspan 1 3\n");
  ExpectRoundTrip(text, report);
}

TEST(Brat, EscapesATypeThatWouldEndItsField) {
  EXPECT_EQ(ToBrat(Made("肺", {{"a b\\\n", 0, 1}})), "T1\ta\\sb\\\\\\n 0 1\t肺\n");
}

TEST(Brat, RefusesWhatCannotBeSaid) {
  StructuredReport report = SampleReport();
  report.entities[1].span.code_points.end += 1;
  EXPECT_THROW(ToBrat(report), Error);
  report = SampleReport();
  report.relations[0].tail = 3;
  EXPECT_THROW(ToBrat(report), Error);
}

}  // namespace
}  // namespace radie
