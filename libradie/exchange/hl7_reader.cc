// Reports out of a parsed message.
#include <string>
#include <utility>

#include "libradie/exchange/hl7_segments.h"

namespace radie {
namespace {

std::string_view Component(std::string_view field, const Hl7Parsed& message, std::size_t number) {
  const auto repetitions = SplitHl7(field, message.delimiters.repetition);
  const auto components = SplitHl7(repetitions.front(), message.delimiters.component);
  return number <= components.size() ? components[number - 1] : std::string_view();
}

// HL7's null: the sender says that the field holds nothing.
bool IsNull(std::string_view field) { return field == "\"\""; }

// What names something, its escapes resolved; as it stands where they cannot be, for a report is
// not lost over its name.
std::string Resolved(std::string_view name, const Hl7Parsed& message) {
  if (IsNull(name)) return "";
  try {
    return ResolveHl7Escapes(name, message.delimiters, message.encoding).text;
  } catch (const Error&) {
    return std::string(name);
  }
}

std::string Identifier(std::string_view field, const Hl7Parsed& message) {
  return Resolved(Component(field, message, 1), message);
}

class MessageReader {
 public:
  MessageReader(const Hl7Parsed& message, const Hl7Options& options)
      : message_(message), options_(options) {}

  std::vector<Hl7Outcome> Read() {
    CheckType();
    for (const Hl7Segment& segment : message_.segments) {
      if (segment.name == "PID" && options_.keep_patient_id) {
        patient_id_ = Identifier(segment.Field(3), message_);
      } else if (segment.name == "ORC") {
        order_ = &segment;
      } else if (segment.name == "OBR") {
        Finish();
        Begin(&segment);
      } else if (segment.name == "OBX") {
        ++obx_;
        if (!open_) Begin(nullptr);
        ReadObx(segment);
      }
    }
    Finish();
    if (outcomes_.empty())
      throw Error(ErrorCode::kInvalidInput, "the message has no OBX with text");
    return std::move(outcomes_);
  }

 private:
  void CheckType() const {
    const std::string_view type = message_.segments.front().Field(9);
    if (Component(type, message_, 1) != "ORU" || Component(type, message_, 2) != "R01") {
      throw Error(ErrorCode::kInvalidInput, "MSH-9: is not ORU^R01");
    }
  }

  void Begin(const Hl7Segment* request) {
    open_ = true;
    report_ = Hl7Report();
    error_.reset();
    skipped_ = kept_ = 0;
    id_ = IdOf(request);
    report_.patient_id = patient_id_;
  }

  // The filler's number before the placer's, the request's before the order's.
  std::string IdOf(const Hl7Segment* request) const {
    for (const Hl7Segment* segment : {request, order_}) {
      for (const std::size_t field : {3, 2}) {
        if (segment == nullptr) continue;
        std::string id = Identifier(segment->Field(field), message_);
        if (!id.empty()) return id;
      }
    }
    return Resolved(message_.segments.front().Field(10), message_);
  }

  std::string FieldName() const { return "OBX " + std::to_string(obx_) + ", OBX-5: "; }

  void ReadObx(const Hl7Segment& segment) {
    const std::string_view type = segment.Field(2);
    if (type == "ED" || type == "RP") {
      Fail("holds or points to a document (type ED or RP), not text");
      return;
    }
    if (type != "TX" && type != "FT" && type != "ST") {
      ++skipped_;
      return;
    }
    const std::string code = Identifier(segment.Field(3), message_);
    std::size_t repetition = 0;
    for (std::string_view part : SplitHl7(segment.Field(5), message_.delimiters.repetition)) {
      ++repetition;
      if (IsNull(part)) continue;
      try {
        Append(ResolveHl7Escapes(part, message_.delimiters, message_.encoding), code, repetition);
      } catch (const Error& error) {
        Fail(error.what());
      }
    }
  }

  void Append(const Hl7Text& resolved, const std::string& code, std::size_t repetition) {
    if (!report_.pieces.empty()) report_.text += '\n';
    const std::size_t begin = report_.text.size();
    report_.text += resolved.text;
    report_.pieces.push_back({{begin, report_.text.size()}, obx_, repetition, code});
    kept_ += resolved.kept;
  }

  void Fail(const std::string& what) {
    if (!error_) error_ = Error(ErrorCode::kInvalidInput, FieldName() + what);
  }

  void Finish() {
    if (!std::exchange(open_, false)) return;
    if (error_) {
      outcomes_.push_back({id_, std::nullopt, error_});
      return;
    }
    if (report_.pieces.empty()) return;  // an OBR of measurements
    if (skipped_ > 0) {
      report_.warnings.push_back(
          {"hl7_obx_skipped",
           std::to_string(skipped_) + " OBX of other types than TX, FT and ST were not read"});
    }
    if (kept_ > 0) {
      report_.warnings.push_back(
          {"hl7_escapes_kept",
           std::to_string(kept_) +
               " escape characters begin no known sequence and were kept as text"});
    }
    outcomes_.push_back({id_, std::move(report_), std::nullopt});
  }

  const Hl7Parsed& message_;
  const Hl7Options& options_;
  const Hl7Segment* order_ = nullptr;  // the last ORC
  std::string patient_id_;
  std::size_t obx_ = 0;  // so far, in the message
  bool open_ = false;
  std::string id_;              // of the report at hand
  Hl7Report report_;            // at hand, while open_
  std::optional<Error> error_;  // its first
  std::size_t skipped_ = 0, kept_ = 0;
  std::vector<Hl7Outcome> outcomes_;
};

}  // namespace

const Hl7Piece* Hl7Report::PieceAt(std::size_t utf8) const {
  for (const Hl7Piece& piece : pieces) {
    if (utf8 >= piece.utf8.begin && utf8 < piece.utf8.end) return &piece;
  }
  return nullptr;
}

std::vector<Hl7Outcome> ReadHl7(std::string_view message, const Hl7Options& options) {
  try {
    const Hl7Parsed parsed = ParseHl7(message, options);
    return MessageReader(parsed, options).Read();
  } catch (const Error& error) {
    return {{"", std::nullopt, error}};
  }
}

}  // namespace radie
