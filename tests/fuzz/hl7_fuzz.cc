// Any bytes as HL7: the same messages however they come in, and of each an error that tells nothing
// or a text whose pieces are where they say.
#include <string>
#include <vector>

#include "fuzz.h"
#include "libradie/text/document.h"
#include "radie/hl7.h"

namespace radie::fuzz {
namespace {

std::vector<Hl7Message> Messages(std::string_view bytes, std::size_t piece, std::size_t most) {
  Hl7Splitter splitter(most);
  std::vector<Hl7Message> messages;
  for (std::size_t at = 0;; at += piece) {
    const bool last = bytes.size() - at <= piece;
    splitter.Feed(bytes.substr(at, piece), last);
    while (std::optional<Hl7Message> message = splitter.Next()) {
      EXPECT_TRUE(message->error || message->bytes.size() <= most);
      messages.push_back(std::move(*message));
    }
    if (last) return messages;
  }
}

void CheckReport(const Hl7Report& report) {
  const Document document = Document::Decode(report.text);
  std::size_t last = 0;
  for (const Hl7Piece& piece : report.pieces) {
    ASSERT_TRUE(piece.utf8.begin >= last && piece.utf8.begin <= piece.utf8.end);
    ASSERT_LE(piece.utf8.end, report.text.size());
    for (std::size_t at = last; at < piece.utf8.begin; ++at) {
      ASSERT_EQ(report.text[at], '\n');
      ASSERT_EQ(report.PieceAt(at), nullptr);
    }
    ASSERT_TRUE(piece.obx >= 1 && piece.repetition >= 1);
    if (piece.utf8.begin < piece.utf8.end) {
      ASSERT_EQ(report.PieceAt(piece.utf8.begin), &piece);
      ASSERT_EQ(report.PieceAt(piece.utf8.end - 1), &piece);
      (void)document.Span({piece.utf8.begin, piece.utf8.end});
    }
    last = piece.utf8.end;
  }
  ASSERT_EQ(last, report.text.size());
}

void CheckMessage(std::string_view message, const Hl7Options& options) {
  const std::vector<Hl7Outcome> outcomes = ReadHl7(message, options);
  ASSERT_FALSE(outcomes.empty());
  for (const Hl7Outcome& outcome : outcomes) {
    ASSERT_NE(outcome.report.has_value(), outcome.error.has_value());
    if (outcome.error) {
      ASSERT_NE(outcome.error->code(), ErrorCode::kInternal);
      ExpectNoSecret(outcome.error->what());
      continue;
    }
    CheckReport(*outcome.report);
    for (const Warning& warning : outcome.report->warnings) ExpectNoSecret(warning.message);
    if (!options.keep_patient_id) {
      ASSERT_TRUE(outcome.report->patient_id.empty());
    }
  }
}

}  // namespace

RADIE_FUZZ_TARGET(hl7) {
  Input input(bytes);
  const std::uint8_t settings = input.Byte();
  const std::size_t piece = 1 + input.Byte();
  const std::string_view stream = input.Rest();
  Hl7Options options;
  options.keep_patient_id = (settings & 1) != 0;
  if (settings / 2 % 8 < 5) options.encoding = static_cast<Encoding>(settings / 2 % 8);

  const std::vector<Hl7Message> whole = Messages(stream, stream.size() + 1, 1 << 20);
  const std::vector<Hl7Message> pieces = Messages(stream, piece, 1 << 20);
  ASSERT_EQ(whole.size(), pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ASSERT_EQ(whole[i].bytes, pieces[i].bytes);
    ASSERT_EQ(whole[i].error.has_value(), pieces[i].error.has_value());
    if (!whole[i].error) CheckMessage(whole[i].bytes, options);
  }
  // A cap that is met. (What frames a segment counts only where it came in one piece.)
  if (stream.find_first_of("\x0B\x1C\xEF") == stream.npos) {
    ASSERT_EQ(Messages(stream, piece, 64).size(), Messages(stream, stream.size() + 1, 64).size());
  }
  CheckMessage(stream, options);
}

}  // namespace radie::fuzz
