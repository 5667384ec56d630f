#include "radie/hl7.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace radie {
namespace {

constexpr char kIso[] = "~ISO IR87";

// A message with these segments behind an MSH that declares `charset`.
std::string Message(const std::string& charset, const std::string& segments) {
  return "MSH|^~\\&|RIS|HOSP|EHR|HOSP|20260131||ORU^R01^ORU_R01|MSG7|P|2.5|||||JPN|" + charset +
         "||ISO 2022-1994\r" + segments;
}

Hl7Outcome Only(const std::string& message, const Hl7Options& options = {}) {
  std::vector<Hl7Outcome> outcomes = ReadHl7(message, options);
  EXPECT_EQ(outcomes.size(), 1u);
  return outcomes.front();
}

std::string TextOf(const std::string& message, const Hl7Options& options = {}) {
  const Hl7Outcome outcome = Only(message, options);
  EXPECT_TRUE(outcome.report) << (outcome.error ? outcome.error->what() : "");
  return outcome.report ? outcome.report->text : "";
}

// The error's code and message; the message contains `part`.
ErrorCode Refused(const std::string& message, const char* part, const Hl7Options& options = {}) {
  const Hl7Outcome outcome = Only(message, options);
  EXPECT_TRUE(outcome.error);
  if (!outcome.error) return ErrorCode::kInternal;
  EXPECT_NE(std::string(outcome.error->what()).find(part), std::string::npos)
      << outcome.error->what();
  return outcome.error->code();
}

TEST(Hl7, ObxSegmentsAndRepetitionsBecomeLines) {
  const Hl7Outcome outcome =
      Only(Message("UNICODE UTF-8",
                   "PID|||42^^^H||山田^太郎\rORC|RE|P1|F1\rOBR|1|P2|F2^RIS|CT\r"
                   "OBX|1|TX|18782-3^所見^LN||右肺に結節。~縦隔正常。\r"
                   "OBX|2|NM|1^n||3\r"
                   "OBX|3|FT|19005-8^診断^LN||肺癌疑い。\r"));
  ASSERT_TRUE(outcome.report);
  const Hl7Report& report = *outcome.report;
  EXPECT_EQ(outcome.id, "F2");
  EXPECT_EQ(report.text, "右肺に結節。\n縦隔正常。\n肺癌疑い。");
  EXPECT_EQ(report.patient_id, "");
  ASSERT_EQ(report.pieces.size(), 3u);
  EXPECT_EQ(report.pieces[1].obx, 1u);
  EXPECT_EQ(report.pieces[1].repetition, 2u);
  EXPECT_EQ(report.pieces[2].obx, 3u);
  EXPECT_EQ(report.pieces[2].code, "19005-8");
  EXPECT_EQ(report.PieceAt(report.text.find("肺癌")), &report.pieces[2]);
  EXPECT_EQ(report.PieceAt(report.text.find('\n')), nullptr);
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_EQ(report.warnings[0].code, "hl7_obx_skipped");
}

TEST(Hl7, KanjiBytesAreNoDelimiters) {
  // In ISO-2022-JP 形 is 37 41 and 一 30 6C; ポ is 25 5D; 淕 5E 5E ("^^"); 閤 5E 7C ("^|"); 殀 5D
  // 7E ("]~"): all but ^ | ~.
  const std::string kanji = "\x1B$B\x5E\x5E\x5E\x7C\x5D\x7E\x1B(B";
  const std::string message = Message(kIso, "OBR|1||F1\rOBX|1|TX|18782-3||" + kanji + "CT\r");
  const std::string wanted = DecodeText(kanji, Encoding::kIso2022Jp).utf8() + "CT";
  EXPECT_EQ(wanted.size(), 11u);
  EXPECT_EQ(TextOf(message), wanted);
  // The same in a name that stands before MSH-18.
  std::string named = message;
  named.replace(named.find("HOSP"), 4, kanji);
  EXPECT_EQ(TextOf(named), wanted);
  EXPECT_EQ(TextOf(Message("~ISO IR87~ISO IR14", "OBR|1||F1\rOBX|1|TX|||\x1B(I\x31\x1B(B\r")), "ｱ");
}

TEST(Hl7, CharacterSetsAreDeclaredOrTold) {
  const std::string body = "OBR|1||F1\rOBX|1|TX|||\x93\xE0\r";  // 内 in CP932
  EXPECT_EQ(Refused(Message("", body), "MSH-18: declares no character set"),
            ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("ASCII", body), "MSH-18: declares ASCII"), ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("GB 18030-2000", body), "MSH-18: names a character set"),
            ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("UNICODE UTF-8~ISO IR87", body), "MSH-18: names both"),
            ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("UNICODE UTF-8", body), ""), ErrorCode::kInvalidText);
  EXPECT_EQ(TextOf(Message("", body), {.encoding = Encoding::kCp932}), "内");
  EXPECT_EQ(TextOf(Message("", "OBX|1|ST|||plain\r")), "plain");
}

TEST(Hl7, EscapesAreResolved) {
  const auto text = [](const std::string& field) {
    return TextOf(Message("UNICODE UTF-8", "OBX|1|FT|||" + field + "\r"));
  };
  EXPECT_EQ(text("a\\.br\\b\\.sp\\c\\.sp 2\\d\\.sp+1\\e"), "a\nb\nc\n\nd\ne");
  EXPECT_EQ(text("\\H\\bold\\N\\"), "bold");
  EXPECT_EQ(text("\\F\\\\S\\\\T\\\\R\\\\E\\"), "|^&~\\");
  EXPECT_EQ(text("\\X41\\\\XE882BA\\"), "A肺");
  EXPECT_EQ(text("\\.in+4\\x\\.ti-2\\y\\.ce\\z\\.sk 2\\|"), "xy\nz  ");
  const Hl7Outcome kept = Only(Message("", "OBX|1|TX|||\\100 \\Zlocal\\\r"));
  ASSERT_TRUE(kept.report);
  EXPECT_EQ(kept.report->text, "\\100 \\Zlocal\\");
  EXPECT_EQ(kept.report->warnings.at(0).code, "hl7_escapes_kept");
  EXPECT_EQ(Refused(Message("", "OBX|1|TX|||a\rOBX|2|TX|||\\XFF\\\r"), "OBX 2, OBX-5: "),
            ErrorCode::kInvalidInput);
}

TEST(Hl7, WhatOnlyBeginsLikeAnEscapeIsText) {
  for (const char* field : {"\\X4\\", "\\Xray\\", "\\X\\", "\\\\server\\Xp\\a", "\\.find\\",
                            "\\.nf 1\\", "\\.internal\\", "\\.in+4x\\", "\\.tidy\\"}) {
    const Hl7Outcome kept = Only(Message("", "OBX|1|TX|||" + std::string(field) + "\r"));
    ASSERT_TRUE(kept.report) << field;
    EXPECT_EQ(kept.report->text, field);
    EXPECT_EQ(kept.report->warnings.at(0).code, "hl7_escapes_kept");
  }
}

TEST(Hl7, EscapesOfIdsAreResolved) {
  const Hl7Outcome outcome =
      Only(Message("", "PID|||4\\T\\2\rOBR|1||F\\S\\1\rOBX|1|TX|a\\F\\b||x\r"),
           {.keep_patient_id = true});
  EXPECT_EQ(outcome.id, "F^1");
  ASSERT_TRUE(outcome.report);
  EXPECT_EQ(outcome.report->patient_id, "4&2");
  EXPECT_EQ(outcome.report->pieces[0].code, "a|b");
  EXPECT_EQ(Only(Message("", "OBR|1||\\XFF\\\rOBX|1|TX|||x\r")).id, "\\XFF\\");
}

// HL7's null, two quotation marks, says that there is nothing.
TEST(Hl7, ANullIsNoText) {
  const Hl7Outcome outcome = Only(Message(
      "", "OBR|1|P|\"\"\rOBX|1|TX|||a~\"\"~b\rOBX|2|TX|||\"\"\rOBX|3|TX|||\rOBX|4|TX|||c\r"));
  EXPECT_EQ(outcome.id, "P");
  ASSERT_TRUE(outcome.report);
  EXPECT_EQ(outcome.report->text, "a\nb\n\nc");  // a field left empty is an empty line
  EXPECT_EQ(outcome.report->pieces[1].repetition, 3u);
  EXPECT_EQ(Refused(Message("", "OBX|1|TX|||\"\"\r"), "no OBX with text"),
            ErrorCode::kInvalidInput);
}

TEST(Hl7, DelimitersComeFromMsh) {
  EXPECT_EQ(TextOf("MSH$%#/@$A$B$C$D$E$$ORU%R01$7$P$2.4\rOBX$1$TX$1%x$$a#b/S/c|^~\\&\r"),
            "a\nb%c|^~\\&");
  for (const char* bad : {"MSH", "MSH|^~", "MSH||^~\\&|", "MSHA^~\\&|x", "MSH|^^\\&|"}) {
    EXPECT_EQ(Refused(std::string(bad) + "\r", "MSH-"), ErrorCode::kInvalidInput) << bad;
  }
}

TEST(Hl7, AReportForEveryObrThatHasText) {
  const std::vector<Hl7Outcome> outcomes = ReadHl7(Message(
      "",
      "OBR|1||A\rOBX|1|TX|||one\rOBR|2||B\rOBX|1|NM|||2\rOBR|3|C\rOBX|1|ED|||^^PDF^Base64^JVBE\r"
      "OBR|4\rOBX|1|TX|||four\r"));
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0].id, "A");
  EXPECT_EQ(outcomes[1].id, "C");
  ASSERT_TRUE(outcomes[1].error);
  EXPECT_EQ(std::string(outcomes[1].error->what()),
            "OBX 3, OBX-5: holds or points to a document (type ED or RP), not text");
  EXPECT_EQ(outcomes[2].id, "MSG7");
}

TEST(Hl7, WhatIsNoReportIsAnError) {
  EXPECT_EQ(Refused("PID|1\r", "does not begin with MSH"), ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("", ""), "no OBX"), ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("", "X|\r"), "segment 2"), ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused("MSH|^~\\&|||||||ADT^A01|1\rOBX|1|TX|||a\r", "MSH-9"),
            ErrorCode::kInvalidInput);
  EXPECT_EQ(Refused(Message("", std::string(100, 'x')), "", {.max_message_bytes = 50}),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(Refused(Message("", "OBX" + std::string(600, '|') + "\r"), "fields"),
            ErrorCode::kLimitExceeded);
}

TEST(Hl7, ThePatientStaysOutUnlessAskedFor) {
  const std::string message = Message("", "PID|||42^^^H~43||DOE^JOHN\rOBR|1||A\rOBX|1|TX|||one\r");
  EXPECT_EQ(Only(message).report->patient_id, "");
  EXPECT_EQ(Only(message, {.keep_patient_id = true}).report->patient_id, "42");
}

// Everything the splitter gives, fed in pieces of `size` bytes.
std::vector<std::string> Split(const std::string& bytes, std::size_t size, std::size_t cap = 1000) {
  Hl7Splitter splitter(cap);
  std::vector<std::string> found;
  for (std::size_t at = 0;; at += size) {
    const bool last = at >= bytes.size();
    splitter.Feed(last ? std::string_view() : std::string_view(bytes).substr(at, size), last);
    while (const auto message = splitter.Next()) {
      found.push_back(message->error ? std::string(ErrorCodeName(message->error->code()))
                                     : message->bytes);
    }
    if (last) return found;
  }
}

TEST(Hl7, MessagesAreCutOutOfAnyFraming) {
  const std::vector<std::string> wanted = {"MSH|1\rOBX|a\r", "MSH|2\rOBX|b\r"};
  for (const std::string& bytes :
       {std::string("MSH|1\rOBX|a\rMSH|2\rOBX|b"), std::string("MSH|1\nOBX|a\nMSH|2\nOBX|b\n"),
        std::string("\xEF\xBB\xBFMSH|1\r\nOBX|a\r\n\r\nMSH|2\r\nOBX|b\r\n"),
        std::string("\x0BMSH|1\rOBX|a\r\x1C\r\x0BMSH|2\rOBX|b\r\x1C\r"),
        std::string("FHS|x\rBHS|x\rMSH|1\rOBX|a\rMSH|2\rOBX|b\rBTS|2\rFTS|1\r")}) {
    for (const std::size_t size : {1, 2, 7, 1000})
      EXPECT_EQ(Split(bytes, size), wanted) << bytes << size;
  }
  for (const std::size_t size : {1, 3, 1000}) {
    EXPECT_EQ(Split("PID|0\rOBX|0\rMSH|1\r", size),
              (std::vector<std::string>{"invalid_input", "MSH|1\r"}));
    EXPECT_EQ(Split("MSH|" + std::string(50, 'x') + "\rMSH|2\r", size, 20),
              (std::vector<std::string>{"limit_exceeded", "MSH|2\r"}));
  }
  EXPECT_TRUE(Split("", 1).empty());
}

TEST(Hl7, SplittingTakesLinearTime) {
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "MSH|1\rOBX|a\r";
  const std::string segment = "MSH|1\rOBX|" + std::string(300'000, 'x') + "\r";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Split(many, many.size()).size(), 200'000u);
  EXPECT_EQ(Split(segment, 1, 1'000'000), std::vector<std::string>{segment});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
}

// Wherever the cap cuts a segment without end, what follows in it begins no message.
TEST(Hl7, TheRestOfASegmentThatIsTooLongIsPassedOver) {
  for (std::size_t length = 30; length < 50; ++length) {
    const std::string rest = std::string(length, 'x') + "MSH|1\rMSH|2\r";
    for (const std::size_t size : {1, 7, 1000}) {
      EXPECT_EQ(Split("MSH|" + rest, size, 20),
                (std::vector<std::string>{"limit_exceeded", "MSH|2\r"}))
          << length << " in pieces of " << size;
      EXPECT_EQ(Split("PID|" + rest, size, 20),
                (std::vector<std::string>{"invalid_input", "MSH|2\r"}))
          << length << " in pieces of " << size;
    }
  }
}

TEST(Hl7, RandomDamageGivesAReportOrAnError) {
  const std::string whole = Message(
      kIso,
      "PID|||42\rOBR|1||F1\rOBX|1|FT|18782-3||\x1B$B\x37\x6B\x40\x61\x1B(B\\.br\\x~y\\X41\\\r");
  std::mt19937 random(7);
  std::size_t reports = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole;
    for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    if (random() % 8 == 0) damaged.resize(random() % damaged.size());
    for (const Hl7Outcome& outcome : ReadHl7(damaged)) {
      ASSERT_NE(outcome.report.has_value(), outcome.error.has_value());
      if (!outcome.report) continue;
      ++reports;
      for (const Hl7Piece& piece : outcome.report->pieces) {
        ASSERT_LE(piece.utf8.begin, piece.utf8.end);
        ASSERT_LE(piece.utf8.end, outcome.report->text.size());
      }
    }
  }
  EXPECT_GT(reports, 1000u);
}

}  // namespace
}  // namespace radie
