// From bytes to messages. Segment ends (CR, LF) are bytes of no character in any of the encodings
// that HL7 v2 messages come in, so they may be looked for before decoding.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "radie/hl7.h"

namespace radie {
namespace {

constexpr char kBegin = '\x0B', kEnd = '\x1C';  // MLLP

// A segment without framing.
std::string_view Bare(std::string_view segment) {
  while (!segment.empty() && (segment.front() == kBegin || segment.front() == kEnd)) {
    segment.remove_prefix(1);
  }
  while (!segment.empty() && segment.back() == kEnd) segment.remove_suffix(1);
  if (segment.starts_with("\xEF\xBB\xBF")) segment.remove_prefix(3);
  return segment;
}

bool IsBatchSegment(std::string_view segment) {
  const std::string_view name = segment.substr(0, 3);
  return name == "FHS" || name == "BHS" || name == "BTS" || name == "FTS";
}

}  // namespace

Hl7Splitter::Hl7Splitter(std::size_t max_message_bytes) : max_bytes_(max_message_bytes) {}

void Hl7Splitter::Feed(std::string_view bytes, bool last) {
  if (read_ >= pending_.size() - read_) {  // seldom enough for every byte to be moved once
    pending_.erase(0, std::exchange(read_, 0));
    scanned_ = 0;
  }
  pending_ += bytes;
  last_ = last_ || last;
}

// The message at hand, when there is one.
std::optional<Hl7Message> Hl7Splitter::Finish() {
  if (!std::exchange(in_message_, false)) return std::nullopt;
  Hl7Message done{std::exchange(message_, {}), {}};
  if (std::exchange(too_long_, false)) {
    done = {{},
            Error(ErrorCode::kLimitExceeded,
                  "the message is longer than " + std::to_string(max_bytes_) + " bytes")};
  }
  return done;
}

std::optional<Hl7Message> Hl7Splitter::Next() {
  std::size_t& at = read_;
  std::optional<Hl7Message> found;
  while (!found) {
    std::size_t end = pending_.find_first_of("\r\n", std::max(at, scanned_));
    const bool ends = end != std::string::npos;
    scanned_ = ends ? end : pending_.size();
    if (!ends) {
      // Of a segment that no message may have, the beginning is kept: it says what it is.
      const bool too_long = pending_.size() - at > max_bytes_;
      if (at == pending_.size() || !(last_ || too_long)) break;
      end = pending_.size();
    }
    const bool goes_on = std::exchange(segment_goes_on_, !ends);
    const std::string_view segment =
        goes_on ? "" : Bare(std::string_view(pending_).substr(at, end - at));
    if (segment.starts_with("MSH")) {
      found = Finish();
      in_message_ = true;
      stray_ = false;
    }
    if (in_message_ && !IsBatchSegment(segment) && !segment.empty()) {
      too_long_ = too_long_ || message_.size() + segment.size() >= max_bytes_;
      if (!too_long_) message_.append(segment).push_back('\r');
    } else if (!in_message_ && !segment.empty() && !IsBatchSegment(segment) &&
               !std::exchange(stray_, true)) {
      found = Hl7Message{
          {}, Error(ErrorCode::kInvalidInput, "there are segments before the first MSH")};
    }
    at = std::min(end + 1, pending_.size());
  }
  if (!found && last_ && at == pending_.size()) found = Finish();
  return found;
}

}  // namespace radie
