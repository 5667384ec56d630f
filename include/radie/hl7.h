// Reports out of HL7 v2 messages: ORU^R01 of versions 2.3 to 2.5.1. docs/hl7.md tells what is read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "radie/charset.h"
#include "radie/error.h"
#include "radie/export.h"
#include "radie/report.h"

namespace radie {

struct Hl7Options {
  // In place of what MSH-18 declares. Nothing: the message must declare a set, or be ASCII.
  std::optional<Encoding> encoding = {};

  // Give PID-3's identifier out. Otherwise PID is not looked at.
  bool keep_patient_id = false;

  // A larger message is Error(kLimitExceeded). Bytes.
  std::size_t max_message_bytes = std::size_t{4} << 20;
};

// A stretch of a report's text that one repetition of one OBX-5 gave.
struct Hl7Piece {
  Range utf8;                  // in Hl7Report::text
  std::size_t obx = 0;         // which OBX of the message, from 1
  std::size_t repetition = 0;  // of its OBX-5, from 1
  std::string code;  // OBX-3's identifier, such as 18782-3 (findings) or 19005-8 (impression)
};

// The text of one OBR with the OBX segments behind it.
struct Hl7Report {
  std::string text;  // UTF-8: the pieces in order, each on lines of its own
  std::vector<Hl7Piece> pieces;
  std::vector<Warning> warnings;
  std::string patient_id;  // only with keep_patient_id

  // The piece that holds a byte of `text`; nothing for a line feed between two.
  RADIE_API const Hl7Piece* PieceAt(std::size_t utf8) const;
};

// One report of a message, or why there is none. An error's message names segment and field, never
// what stands in them.
struct Hl7Outcome {
  // OBR-3's identifier, else OBR-2's, else ORC-3's, else ORC-2's, else MSH-10; empty where the
  // message has none or could not be read so far.
  std::string id;
  std::optional<Hl7Report> report;
  std::optional<Error> error;  // exactly one of the two
};

// A message as it was found, its segments ended by CR; or an error in its place.
struct Hl7Message {
  std::string bytes;
  std::optional<Error> error;  // too long, or segments without an MSH before them
};

// Cuts messages out of a file or stream: MLLP framing (VT … FS CR) and batch segments (FHS, BHS,
// BTS, FTS) are passed over. Feed bytes in pieces of any size; ask for messages until there is
// none. Not thread-safe; holds at most two messages.
class RADIE_API Hl7Splitter {
 public:
  explicit Hl7Splitter(std::size_t max_message_bytes = Hl7Options().max_message_bytes);

  // `last`: nothing follows.
  void Feed(std::string_view bytes, bool last = false);

  // The next whole message; nothing when more must be fed, or all have been given.
  std::optional<Hl7Message> Next();

 private:
  std::optional<Hl7Message> Finish();

  std::size_t max_bytes_;
  std::string pending_;                 // from read_ on not yet cut into segments
  std::size_t read_ = 0, scanned_ = 0;  // before scanned_ no segment ends behind read_
  std::string message_;                 // segments of the message at hand
  bool last_ = false, in_message_ = false, too_long_ = false, stray_ = false;
  bool segment_goes_on_ = false;  // what comes next belongs to one that was too long to keep
};

// The reports of one message, in order. One that cannot be read at all is a single error.
RADIE_API std::vector<Hl7Outcome> ReadHl7(std::string_view message, const Hl7Options& options = {});

}  // namespace radie
