// The text and its entities come back out of what ToConll writes.
#include <gtest/gtest.h>

#include <sstream>

#include "radie/writer.h"
#include "tests/write/made_report.h"
#include "tests/write/sample_report.h"

namespace radie {
namespace {

struct ReadTag {
  std::string type;
  std::size_t begin, end;

  friend bool operator==(const ReadTag&, const ReadTag&) = default;
};

struct ReadTags {
  std::string text;
  std::vector<ReadTag> entities;
  std::size_t sentences = 0;
};

std::string Unescape(const std::string& token) {
  if (token[0] != '\\') return token;
  if (token == "\\s") return " ";
  if (token == "\\n") return "\n";
  if (token == "\\r") return "\r";
  if (token == "\\t") return "\t";
  if (token[1] != 'u') return token.substr(1);
  const unsigned long c = std::stoul(token.substr(3), nullptr, 16);
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  std::string bytes;
  if (c >= 0x800) bytes += static_cast<char>(0xE0 | c >> 12);
  bytes += static_cast<char>(c >= 0x800 ? 0x80 | (c >> 6 & 0x3F) : 0xC0 | c >> 6);
  return bytes + static_cast<char>(0x80 | (c & 0x3F));
}

// A reader that splits lines at any white space, as careless ones do, and knows nothing but IOB2.
ReadTags Read(const std::string& conll) {
  ReadTags read;
  std::istringstream lines(conll);
  std::size_t position = 0;
  bool inside = false, any = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      EXPECT_TRUE(any) << "two empty lines";
      ++read.sentences;
      inside = any = false;
      continue;
    }
    any = true;
    EXPECT_NE(line[0], '#');
    std::istringstream fields(line);
    std::string token, tag, rest;
    std::size_t begin, end;
    fields >> token >> begin >> end >> tag;
    EXPECT_FALSE(fields >> rest) << line;
    EXPECT_EQ(begin, position);
    EXPECT_GT(end, begin);
    position = end;
    read.text += Unescape(token);
    if (tag.substr(0, 2) == "B-") {
      read.entities.push_back({tag.substr(2), begin, end});
    } else if (tag.substr(0, 2) == "I-") {
      EXPECT_TRUE(inside && read.entities.back().type == tag.substr(2)) << line;
      read.entities.back().end = end;
    } else {
      EXPECT_EQ(tag, "O");
    }
    inside = tag != "O";
  }
  EXPECT_FALSE(any) << "the last sentence has no end";
  return read;
}

ReadTags ExpectRebuilt(const std::string& text, const StructuredReport& report) {
  for (const OffsetUnit unit : {OffsetUnit::kUtf8, OffsetUnit::kUtf16, OffsetUnit::kCodePoint}) {
    const ReadTags read = Read(ToConll(text, report, {unit}));
    EXPECT_EQ(read.text, text);
    std::vector<ReadTag> expected;
    for (const Entity& entity : report.entities) {
      const Range& range = entity.span.In(unit);
      expected.push_back({entity.type, range.begin, range.end});
    }
    EXPECT_TRUE(read.entities == expected) << text;
  }
  return Read(ToConll(text, report));
}

TEST(Conll, WritesTheDocumentedLines) {
  EXPECT_EQ(ToConll("右肺に\n#", Made("右肺に\n#", {{"Anatomical_entity", 0, 2}})),
            "右\t0\t1\tB-Anatomical_entity\n"
            "肺\t1\t2\tI-Anatomical_entity\n"
            "に\t2\t3\tO\n"
            "\\n\t3\t4\tO\n\n"
            "\\#\t4\t5\tO\n\n");
  EXPECT_EQ(ToConll("", StructuredReport()), "");
}

TEST(Conll, RebuildsTextAndEntities) {
  ExpectRebuilt(kSampleText, SampleReport());
  ExpectRebuilt("", StructuredReport());
  ExpectRebuilt("\n\n", StructuredReport());
  const std::string odd = "\ufeff右 肺\u3000\\n\\#\t\x01\u00a0\u2028𠮷㎜!?）\r\n\r\nS1+2。。\rｶﾞ";
  ExpectRebuilt(odd, StructuredReport());
  for (std::size_t begin = 0; begin < 20; ++begin) {
    for (std::size_t end = begin + 1; end <= 22; ++end)
      ExpectRebuilt(odd, Made(odd, {{"Imaging_observation", begin, end}}));
  }
}

TEST(Conll, KeepsNeighboursOfOneTypeApart) {
  const std::string text = "影影影影";
  ExpectRebuilt(text, Made(text, {{"Imaging_observation", 0, 1},
                                  {"Imaging_observation", 1, 3},
                                  {"Imaging_observation", 3, 4}}));
}

TEST(Conll, EndsSentences) {
  const auto sentences = [](const std::string& text) {
    return ExpectRebuilt(text, StructuredReport()).sentences;
  };
  EXPECT_EQ(sentences("結節あり。胸水なし。"), 2u);
  EXPECT_EQ(sentences("結節あり．（胸水なし。）\n転移?"), 3u);
  EXPECT_EQ(sentences("結節あり。 \r\n\r\n胸水なし。\n"), 2u);
  EXPECT_EQ(sentences("結節あり\n胸水なし"), 2u);
  EXPECT_EQ(sentences("3.5cmの結節"), 1u);
  const std::string full = "一二三四五六七八九十一二三四五六";
  EXPECT_EQ(sentences(full + "\n" + full), 1u) << "a hard wrap";
  EXPECT_EQ(sentences(full + "\n\n" + full), 2u);
  EXPECT_EQ(sentences(full + "\r\n" + full + "\r\n短い\r\n終わり"), 2u);
  const std::string fifteen = "一二三四五六七八九十一二三四五";  // too short for a hard wrap
  EXPECT_EQ(sentences(fifteen + "\n" + fifteen), 2u);
  EXPECT_EQ(sentences(fifteen + "\r\n" + fifteen), 2u);
}

TEST(Conll, NeverEndsASentenceInsideAnEntity) {
  const std::string text = "肺\n癌。結。節";
  EXPECT_EQ(ExpectRebuilt(text, Made(text, {{"Clinical_finding", 0, 3}})).sentences, 3u);
  EXPECT_EQ(
      ExpectRebuilt(text, Made(text, {{"Clinical_finding", 0, 3}, {"Imaging_observation", 4, 7}}))
          .sentences,
      2u);
}

TEST(Conll, EscapesATypeThatWouldEndItsField) {
  EXPECT_EQ(ToConll("肺", Made("肺", {{"a b\n", 0, 1}})), "肺\t0\t1\tB-a\\sb\\n\n\n");
}

TEST(Conll, RefusesSpansThatAreNoneOfTheText) {
  const std::string text = "右肺に結節";
  const StructuredReport good =
      Made(text, {{"Anatomical_entity", 0, 2}, {"Imaging_observation", 3, 5}});
  EXPECT_NO_THROW(ToConll(text, good));
  const auto with = [&](std::size_t entity, Range range) {
    StructuredReport report = good;
    report.entities[entity].span.utf8 = range;
    return report;
  };
  EXPECT_THROW(ToConll(text, with(1, {9, 18})), Error);
  EXPECT_THROW(ToConll(text, with(1, {9, 9})), Error);
  EXPECT_THROW(ToConll(text, with(1, {9, 3})), Error);
  EXPECT_THROW(ToConll(text, with(1, {10, 15})), Error);
  EXPECT_THROW(ToConll(text, with(1, {9, 14})), Error);
  EXPECT_THROW(ToConll(text, with(1, {3, 9})), Error);
  EXPECT_THROW(ToConll("", good), Error);
}

TEST(LineText, StaysOneLine) {
  EXPECT_EQ(ToLineText("CT 1\\\r\n\t\u0085\ufeff𠮷"), "CT 1\\\\\\r\\n\\t\\u{85}\\u{feff}𠮷");
  EXPECT_EQ(ToLineText("\xff"), "\ufffd");
  EXPECT_EQ(ToLineText(std::string(1, '\0')), "\\u{0}");
}

}  // namespace
}  // namespace radie
