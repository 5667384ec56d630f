#include "libradie/exchange/hl7_segments.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace radie {
namespace {

constexpr std::size_t kMaxSegments = 100'000, kMaxFields = 512;

[[noreturn]] void Invalid(const std::string& what) { throw Error(ErrorCode::kInvalidInput, what); }

bool IsAscii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
}

// A delimiter must be told from text, from the others and from segment ends.
Hl7Delimiters ReadDelimiters(std::string_view msh) {
  if (msh.size() < 8) Invalid("MSH-2: is shorter than four characters");
  const Hl7Delimiters found = {msh[3], msh[4], msh[5], msh[6], msh[7]};
  const std::array<char, 5> all = {msh[3], msh[4], msh[5], msh[6], msh[7]};
  const bool fits = std::all_of(all.begin(), all.end(), [](char c) {
    return c > 0x20 && c < 0x7F && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z');
  });
  if (!fits || std::set<char>(all.begin(), all.end()).size() != all.size()) {
    Invalid("MSH-1 and MSH-2: are not five different punctuation characters");
  }
  return found;
}

// What MSH-18 declares; its repetitions are sets that escape sequences switch between.
Encoding DeclaredEncoding(std::string_view declared, const Hl7Delimiters& delimiters,
                          std::string_view message) {
  bool named = false, japanese = false, utf8 = false;
  for (std::string_view set : SplitHl7(declared, delimiters.repetition)) {
    named = named || !set.empty();
    if (set.empty() || set == "ASCII" || set == "ISO IR6") continue;
    if (set == "UNICODE UTF-8") {
      utf8 = true;
    } else if (set == "ISO IR87" || set == "ISO IR14" || set == "ISO IR159" || set == "ISO IR13") {
      japanese = true;
    } else {
      Invalid(
          "MSH-18: names a character set that radie does not read; say which it is by the "
          "encoding option");
    }
  }
  if (utf8 && japanese) Invalid("MSH-18: names both UTF-8 and ISO 2022 sets");
  if (japanese) return Encoding::kIso2022Jp;
  if (!utf8 && !IsAscii(message)) {
    Invalid(named ? "MSH-18: declares ASCII, and there are other characters"
                  : "MSH-18: declares no character set, and there are other characters than ASCII; "
                    "say which it is by the encoding option");
  }
  return Encoding::kUtf8;
}

// MSH-18 stands behind fields that may hold kanji, whose bytes look like delimiters in ISO 2022.
std::string MshField18(std::string_view msh, const Hl7Delimiters& delimiters) {
  std::string decoded(msh);
  if (msh.find('\x1B') != std::string_view::npos) {
    decoded = DecodeText(msh, Encoding::kIso2022Jp, {.max_bytes = msh.size() * 3 + 16}).utf8();
  }
  const std::vector<std::string_view> fields = SplitHl7(decoded, delimiters.field);
  return fields.size() > 17 ? std::string(fields[17]) : std::string();
}

std::vector<Hl7Segment> CutSegments(std::string_view utf8, const Hl7Delimiters& delimiters) {
  std::vector<Hl7Segment> segments;
  for (std::string_view line : SplitHl7(utf8, '\r')) {
    if (line.empty()) continue;
    std::vector<std::string_view> fields = SplitHl7(line, delimiters.field);
    const std::string number = std::to_string(segments.size() + 1);
    if (fields.front().size() != 3)
      Invalid("segment " + number + ": has no name of three characters");
    if (segments.size() == kMaxSegments || fields.size() > kMaxFields) {
      throw Error(ErrorCode::kLimitExceeded, "segment " + number + ": more than " +
                                                 std::to_string(kMaxSegments) + " segments or " +
                                                 std::to_string(kMaxFields) + " fields");
    }
    Hl7Segment segment{fields.front(), {}};
    segment.fields.assign(fields.begin() + 1, fields.end());
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace

std::string_view Hl7Segment::Field(std::size_t number) const {
  const std::size_t index = number - (name == "MSH" ? 2 : 1);  // MSH-1 is the delimiter itself
  return index < fields.size() ? fields[index] : std::string_view();
}

std::vector<std::string_view> SplitHl7(std::string_view text, char delimiter) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(delimiter, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

Hl7Parsed ParseHl7(std::string_view message, const Hl7Options& options) {
  if (message.size() > options.max_message_bytes) {
    throw Error(
        ErrorCode::kLimitExceeded,
        "the message is longer than " + std::to_string(options.max_message_bytes) + " bytes");
  }
  if (!message.starts_with("MSH")) Invalid("the message does not begin with MSH");
  const std::string_view msh = message.substr(0, message.find_first_of("\r\n"));
  Hl7Parsed parsed;
  parsed.delimiters = ReadDelimiters(msh);
  parsed.encoding = options.encoding ? *options.encoding
                                     : DeclaredEncoding(MshField18(msh, parsed.delimiters),
                                                        parsed.delimiters, message);
  parsed.utf8 = DecodeText(message, parsed.encoding, {.max_bytes = message.size() * 3 + 16}).utf8();
  std::replace(parsed.utf8.begin(), parsed.utf8.end(), '\n', '\r');
  parsed.segments = CutSegments(parsed.utf8, parsed.delimiters);
  return parsed;
}

}  // namespace radie
